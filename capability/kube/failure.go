// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/diag"
)

// An attempt is what was asked of the API server.
type attempt struct {
	verb string
	reference
}

func (a attempt) String() string {
	text := a.verb
	if a.Name != "" {
		text += " " + a.reference.String()
	} else if a.Kind != "" {
		text += " " + a.Kind
	}
	if a.Namespace != "" {
		text += " in namespace " + a.Namespace
	}
	return text
}

func (a attempt) path() []string {
	if a.Name == "" {
		return nil
	}
	return []string{a.reference.String()}
}

// failed makes a Diagnostic of what a request to the API server returned. nil stays nil.
func failed(ctx context.Context, err error, a attempt) error {
	var known *diag.Diagnostic
	if err == nil || errors.As(err, &known) {
		return err
	}
	if d := ended(ctx, err, a); d != nil {
		return d
	}
	var status apierrors.APIStatus
	switch {
	case strangeCertificate(err):
		return diag.New(diag.BadKubeconfig, a.path()...).Saw(address(err) + plain(err)).
			Note("who answers there is not the cluster of the kubeconfig").Because(err)
	case unreachable(err):
		return diag.New(diag.APIUnreachable, a.path()...).Saw(address(err) + plain(err)).
			Note("while it was asked to " + a.String()).Because(err)
	case apierrors.IsUnauthorized(err):
		return diag.New(diag.Forbidden, a.path()...).Saw("the API server does not accept these credentials").
			Try("renew the credentials of the kubeconfig").Because(err)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return terminating(a.Namespace).Because(err)
	case errors.As(err, &status):
		return refused(status.Status(), err, a)
	}
	return diag.New(diag.ObjectRefused, a.path()...).Saw(err.Error()).Note("on " + a.String()).Because(err)
}

// ended explains a request that was cut off by its context.
func ended(ctx context.Context, err error, a attempt) error {
	switch cause := ctx.Err(); {
	case cause == nil:
		return nil
	case errors.Is(cause, context.Canceled):
		return diag.New(diag.Interrupted, a.path()...).Saw("while the API server was asked to " + a.String()).
			Because(errors.Join(context.Canceled, err))
	default:
		return diag.New(diag.LimitReached, a.path()...).Saw("the API server had not answered yet: " + a.String()).
			Because(errors.Join(cause, err))
	}
}

func terminating(namespace string) *diag.Diagnostic {
	return diag.New(diag.NamespaceTerminating, "Namespace/"+namespace).
		Saw("the namespace is being deleted: nothing can be made in it").
		Try("run it again when the namespace is gone, or use another namespace")
}

var rbac = regexp.MustCompile(`User "([^"]*)" cannot (\S+) (?:resource|path) "([^"]*)"`)

func refused(status metav1.Status, err error, a attempt) error {
	if m := rbac.FindStringSubmatch(status.Message); m != nil && status.Reason == metav1.StatusReasonForbidden {
		d := diag.New(diag.Forbidden, a.path()...).Saw(status.Message).
			Note("to " + a.String() + " needs the verb " + m[2] + " on " + m[3]).Because(err)
		return d.Try("give " + m[1] + " that right, or use other credentials")
	}
	d := diag.New(diag.ObjectRefused, a.path()...).Because(err)
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			d.Saw(strings.TrimPrefix(cause.Field+": "+cause.Message, ": "))
		}
	}
	if len(d.Evidence) == 0 {
		d.Saw(status.Message)
	}
	return d
}

func strangeCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// unreachable tells that the request did not get to an API server that works.
func unreachable(err error) bool {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return apierrors.IsServiceUnavailable(err) || apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err)
	}
	var network net.Error
	var request *url.Error
	return errors.As(err, &request) || errors.As(err, &network)
}

func address(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		if u, bad := url.Parse(request.URL); bad == nil {
			return u.Host + ": "
		}
	}
	return ""
}

// plain is the innermost text: without the verb and the URL.
func plain(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err.Error()
	}
	return err.Error()
}
