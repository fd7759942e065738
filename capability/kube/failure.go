// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

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
	case untimely(err):
		return diag.New(diag.CertificateExpired, a.path()...).Saw(address(err) + plain(err)).
			Try("renew the certificate of the API server, or set the clock of this machine").Because(err)
	case strangeCertificate(err):
		return diag.New(diag.OtherCluster, a.path()...).Saw(address(err) + plain(err)).
			Note("who answers there is not the cluster of the kubeconfig").
			Try("fetch the kubeconfig of the cluster anew, or correct its server and certificate authority").Because(err)
	case busy(err):
		return diag.New(diag.APISlow, a.path()...).Saw(err.Error()).Note("while it was asked to " + a.String()).
			Try("run it again when the API server has less to do").Because(err)
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
	// A connection that was given the context's deadline may notice it first. It is the context's end all the same, and
	// whoever asks the context next is to hear so.
	if deadline, is := ctx.Deadline(); is && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
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
	if status.Reason == metav1.StatusReasonConflict {
		return conflict(status, a).Because(err)
	}
	code := diag.ObjectRefused
	t := told(admissionSigns, status.Message, trouble{})
	if t.code != "" {
		code = t.code
	}
	d := diag.New(code, a.path()...).Because(err)
	if t.help != "" {
		d.Try(t.help)
	}
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			if cause.Field == "" && strings.Contains(status.Message, cause.Message) {
				continue
			}
			d.Saw(strings.TrimPrefix(cause.Field+": "+cause.Message, ": "))
		}
	}
	if len(d.Evidence) == 0 {
		d.Saw(status.Message)
	}
	return d
}

// conflict says whose a field is, and what there is to choose.
func conflict(status metav1.Status, a attempt) *diag.Diagnostic {
	d := diag.New(diag.FieldConflict, a.path()...)
	owned := false
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			if cause.Type == metav1.CauseTypeFieldManagerConflict {
				owned = true
				d.Saw(strings.TrimPrefix(cause.Field, ".") + ": " + cause.Message + "; this deploy applies it as \"" + manager + "\"")
			}
		}
	}
	if !owned {
		d.Saw(status.Message)
	}
	return d.Note("what appeared under this name since it was looked at is not taken from whoever made it").
		Try("leave the field to its owner and take it out of the Score, or let the owner give it up and run this again")
}

// untimely tells of a certificate of the other side that has expired, or is not valid yet.
func untimely(err error) bool {
	var invalid x509.CertificateInvalidError
	return errors.As(err, &invalid) && invalid.Reason == x509.Expired
}

// busy tells that the API server works, and puts off what it is asked.
func busy(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && (apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err))
}

func strangeCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// unreachable tells that the request did not get to an API server that works.
func unreachable(err error) bool {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return apierrors.IsServiceUnavailable(err)
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
