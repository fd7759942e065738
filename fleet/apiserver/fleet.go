// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const (
	// askLimit bounds how long the API server may take to answer one question.
	askLimit = 10 * time.Second
	// lookEvery is how often the FleetState is looked at again: a fleet that was made anew is rare, and its devices wait.
	lookEvery = 10 * time.Second
)

// Fleet is one fleet, as the API server knows it.
type Fleet struct {
	// Namespace is that of its FleetState; its name is the fleet's.
	Namespace string
	// API reads the fleet's kinds.
	API rest.Interface
	Log *slog.Logger
}

// Open prepares to ask the API server that the kubeconfig leads to, or that of the Pod when it is empty. agent is what this
// program is called there. Nothing is asked yet.
func Open(kubeconfig, namespace, agent string, log *slog.Logger) (*Fleet, error) {
	to, err := config(kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("nothing leads to a Kubernetes: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("know the kinds: %w", err)
	}
	to.APIPath, to.GroupVersion, to.UserAgent = "/apis", &fleet.GroupVersion, agent
	to.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	api, err := rest.RESTClientFor(to)
	if err != nil {
		return nil, fmt.Errorf("use the kubeconfig: %w", err)
	}
	return &Fleet{namespace, api, log}, nil
}

func config(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// Plane waits until there is a FleetState, and gives the control plane that the devices of the fleet obey. It says why it
// waits. Its error is that the context has ended.
func (f *Fleet) Plane(ctx context.Context) (plane contract.PlaneID, err error) {
	said := ""
	err = wait.Until(ctx, f.name(), wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		var why string
		if plane, why = f.look(ctx); why == "" {
			return "", true, nil
		}
		if why != said {
			said = why
			f.Log.Warn("not ready yet: the control plane is not known", "object", f.name(), "reason", why)
		}
		return why, false, nil
	})
	return plane, err
}

// Follow watches over the control plane until the context ends. Its error, a Diagnostic with the code PlaneChanged, is that
// the fleet has another one: tokens and devices of the one before are strangers to it. While the FleetState cannot be read, or
// is gone, the control plane is the one before.
func (f *Fleet) Follow(ctx context.Context, plane contract.PlaneID) error {
	for wait.Sleep(ctx, lookEvery) == nil {
		if now, why := f.look(ctx); why == "" && now != plane {
			return diag.New(diag.PlaneChanged, f.name()).Saw(fmt.Sprintf("it was %s, and is %s", plane, now))
		}
	}
	return nil
}

// look asks once. It says why the control plane is not known.
func (f *Fleet) look(ctx context.Context) (plane contract.PlaneID, why string) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	var state fleet.FleetState
	err := f.API.Get().Namespace(f.Namespace).Resource("fleetstates").Name(fleet.FleetStateName).Do(ctx).Into(&state)
	switch {
	case apierrors.IsNotFound(err):
		return plane, "it is not there"
	case err != nil:
		return plane, err.Error()
	}
	if plane, err = contract.ParsePlaneID(string(state.UID)); err != nil {
		return plane, err.Error()
	}
	return plane, ""
}

func (f *Fleet) name() string { return "FleetState " + f.Namespace + "/" + fleet.FleetStateName }
