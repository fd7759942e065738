// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// SmokeTest is the Proof. Without one, every TCP port of every Service of the chart must take a connection; a chart that
// has none cannot be proved so, and is refused.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	if s.Proof != nil {
		return s.Proof(ctx, on)
	}
	ports, err := s.ports(ctx, on)
	if err != nil {
		return err
	}
	if len(ports) == 0 {
		return diag.New(diag.BadPlacement, s.Name()).Saw("the chart has no Service with a TCP port and Pods behind it").
			Try("give the Score a Proof: what someone who uses the component does")
	}
	for _, p := range ports {
		if err := s.answers(ctx, on, p); err != nil {
			return err
		}
	}
	event.Emit(ctx, event.Fact{Text: fmt.Sprintf("%d ports of its Services take connections", len(ports))})
	return nil
}

// ports are all that the chart's Services offer over TCP.
func (s Score) ports(ctx context.Context, on Place) (ports []kube.Service, err error) {
	r, err := s.render(ctx, on)
	if err != nil {
		return nil, err
	}
	chosen, err := s.chosen(r.documents)
	if err != nil {
		return nil, err
	}
	for _, d := range chosen {
		if d.object.GroupVersionKind() != corev1.SchemeGroupVersion.WithKind("Service") {
			continue
		}
		var service corev1.Service
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(d.object.Object, &service); err != nil {
			return nil, s.unrendered().Saw("file: " + d.file).Because(err)
		}
		namespace := service.Namespace
		if namespace == "" {
			namespace = s.Namespace
		}
		for _, p := range service.Spec.Ports {
			if len(service.Spec.Selector) > 0 && (p.Protocol == "" || p.Protocol == corev1.ProtocolTCP) {
				ports = append(ports, kube.Service{Namespace: namespace, Name: service.Name, Port: int(p.Port)})
			}
		}
	}
	return ports, nil
}

// answers connects to a port, again until it does or the context ends.
func (s Score) answers(ctx context.Context, on Place, to kube.Service) error {
	name := fmt.Sprintf("Service/%s port %d", to.Name, to.Port)
	err := wait.Until(ctx, name+" to take a connection", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		conn, err := on.Kubernetes().Dial(ctx, to)
		var d *diag.Diagnostic
		if errors.As(err, &d) && (d.Code == diag.NoService || d.Code == diag.Forbidden) {
			return err.Error(), false, err
		}
		if err != nil {
			return err.Error(), false, nil
		}
		return "", true, conn.Close()
	})
	if err != nil {
		return diag.New(diag.NobodyAnswered, name).Because(err).Try("deploy " + s.Name() + " again: it repairs what was deleted or edited")
	}
	return nil
}
