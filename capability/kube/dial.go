// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/transport/websocket"
	"k8s.io/klog/v2"
	"k8s.io/streaming/pkg/httpstream"
	streamspdy "k8s.io/streaming/pkg/httpstream/spdy"

	"nationtech.io/harmony/diag"
)

// Dial connects to a ready Pod behind the Service, through the API server. Whether the Pod
// takes the connection shows only when it is used: a refusal is the error of the first Read or
// Write, a Diagnostic with the code ConnectionRefused.
func (c *Client) Dial(ctx context.Context, to Service) (net.Conn, error) {
	end, err := c.endpoint(ctx, to)
	if err != nil {
		return nil, err
	}
	stream, err := c.forward(ctx, end)
	if err != nil {
		return nil, err
	}
	return open(stream, to.path(), end)
}

// DialPod connects to a port of that very Pod, ready or not, through the API server: for those who must speak with one of
// several. A port that is open on the Pod's loopback only is reached too. Errors are as those of Dial.
func (c *Client) DialPod(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	to := end{coreReference("Pod", namespace, pod), port}
	stream, err := c.forward(ctx, to)
	if err != nil {
		return nil, err
	}
	return open(stream, to.pod.String(), to)
}

// An end is a port of a Pod.
type end struct {
	pod  reference
	port int
}

func (e end) String() string { return fmt.Sprintf("%s port %d", e.pod, e.port) }

func (s Service) path() string { return "Service/" + s.Name }

// endpoint chooses a ready Pod behind the port of a Service.
func (c *Client) endpoint(ctx context.Context, to Service) (end, error) {
	ref := coreReference("Service", to.Namespace, to.Name)
	var found bool
	var service corev1.Service
	var list []discoveryv1.EndpointSlice
	var all side
	all.do(func() (err error) { found, err = c.read(ctx, services, ref, &service); return err })
	all.do(func() (err error) { list, err = c.endpointsOf(ctx, to); return err })
	if err := all.wait(); err != nil {
		return end{}, err
	}
	if !found {
		return end{}, diag.New(diag.NoService, to.path()).Saw("there is no such Service in namespace " + to.Namespace)
	}
	i := slices.IndexFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return int(p.Port) == to.Port })
	if i < 0 {
		return end{}, diag.New(diag.NoService, to.path()).Saw(fmt.Sprintf("it has no port %d; its ports: %s", to.Port, ports(service.Spec.Ports)))
	}
	ends, saw := behind(list, service.Spec.Ports[i].Name, to.Namespace)
	if len(ends) == 0 {
		return end{}, diag.New(diag.NoEndpoint, to.path()).Saw(saw)
	}
	return ends[rand.IntN(len(ends))], nil
}

func (c *Client) endpointsOf(ctx context.Context, to Service) ([]discoveryv1.EndpointSlice, error) {
	items, err := c.list(ctx, endpointing, "EndpointSlices", to.Namespace, discoveryv1.LabelServiceName+"="+to.Name)
	if err != nil {
		return nil, err
	}
	list := make([]discoveryv1.EndpointSlice, len(items))
	for i := range items {
		if err := typed(&items[i], &list[i]); err != nil {
			return nil, failed(ctx, err, attempt{"read", referenceTo(&items[i])})
		}
	}
	return list, nil
}

// behind lists the ready Pods of the Service's port of that name; when there are none, it says what there is.
func behind(list []discoveryv1.EndpointSlice, port, namespace string) (ends []end, saw string) {
	unready := 0
	for _, slice := range list {
		for _, p := range slice.Ports {
			if p.Port == nil || cmp.Or(deref(p.Name), "") != port {
				continue
			}
			for _, e := range slice.Endpoints {
				switch {
				case e.TargetRef == nil || e.TargetRef.Kind != "Pod":
				case !servesNow(e):
					unready++
				default:
					ends = append(ends, end{coreReference("Pod", namespace, e.TargetRef.Name), int(*p.Port)})
				}
			}
		}
	}
	if unready > 0 {
		return ends, strconv.Itoa(unready) + " Pods stand behind it, none of them ready"
	}
	return ends, "no Pod stands behind it"
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func ports(all []corev1.ServicePort) (text string) {
	for i, p := range all {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(int(p.Port))
	}
	return cmp.Or(text, "none")
}

// forward opens a port-forwarding connection to the Pod: over a WebSocket, or over SPDY where
// the API server or something before it does not know how.
func (c *Client) forward(ctx context.Context, to end) (httpstream.Connection, error) {
	conn, err := c.tunnel(ctx, to)
	if refusal := upgradeRefused(err); refusal != nil && !apierrors.IsForbidden(refusal) && !apierrors.IsUnauthorized(refusal) {
		conn, err = c.spdy(ctx, to)
	}
	if err == nil {
		return conn, nil
	}
	err = cmp.Or(upgradeRefused(err), err)
	return nil, failed(ctx, err, attempt{"forward to", to.pod})
}

// upgradeRefused is why the server does not change to a streaming protocol; nil when that is not what went wrong.
func upgradeRefused(err error) error {
	var upgrade *httpstream.UpgradeFailureError
	if errors.As(err, &upgrade) {
		return upgrade.Cause
	}
	return nil
}

func (c *Client) tunnel(ctx context.Context, to end) (httpstream.Connection, error) {
	transport, holder, err := websocket.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.forwardURL(to), nil)
	if err != nil {
		return nil, err
	}
	conn, err := websocket.Negotiate(transport, holder, request, tunnelPrefix+portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	return streamspdy.NewClientConnectionWithPings(portforward.NewTunnelingConnectionWithLogger(klog.Logger{}, conn), portforward.PingPeriod)
}

func (c *Client) spdy(ctx context.Context, to end) (httpstream.Connection, error) {
	transport, upgrader, err := spdy.RoundTripperFor(c.config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.forwardURL(to), nil)
	if err != nil {
		return nil, err
	}
	conn, _, err := spdy.NegotiateStreaming(upgrader, &http.Client{Transport: transport}, request, portforward.PortForwardProtocolV1Name)
	return conn, err
}

func (c *Client) forwardURL(to end) string {
	return c.core.Post().Namespace(to.pod.Namespace).Resource("pods").Name(to.pod.Name).SubResource("portforward").URL().String()
}
