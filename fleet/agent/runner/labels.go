// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"strconv"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

// The labels of every container that an agent has made.
const (
	labelUID        = "io.nationtech.harmony.uid"
	labelNamespace  = "io.nationtech.harmony.namespace"
	labelName       = "io.nationtech.harmony.name"
	labelGeneration = "io.nationtech.harmony.generation"
	labelDigest     = "io.nationtech.harmony.digest"
	labelContainer  = "io.nationtech.harmony.container"
	labelInit       = "io.nationtech.harmony.init"
)

// A workload is one of those that a device holds to.
type workload struct {
	uid contract.WorkloadUID
	decide.Record
}

func (w workload) containerName(container string) string {
	return w.Namespace + "." + w.Name + "." + container
}

func (w workload) labels(container string, init bool) map[string]string {
	return map[string]string{
		labelUID: w.uid.String(), labelNamespace: w.Namespace, labelName: w.Name, labelGeneration: strconv.FormatInt(w.Generation, 10),
		labelDigest: w.Digest.String(), labelContainer: container, labelInit: strconv.FormatBool(init),
	}
}

// found reads a workload from the labels of one of its containers; ok is false when they are none of an agent's.
func found(c podman.Listed) (w workload, ok bool) {
	uid, bad := contract.ParseWorkloadUID(c.Labels[labelUID])
	digest, wrong := contract.ParseDigest(c.Labels[labelDigest])
	generation, odd := strconv.ParseInt(c.Labels[labelGeneration], 10, 64)
	w = workload{uid, decide.Record{
		Namespace: c.Labels[labelNamespace], Name: c.Labels[labelName], Generation: generation, Digest: digest, Want: contract.Present,
	}}
	return w, bad == nil && wrong == nil && odd == nil
}

// An actual is what is on the device of one workload.
type actual []podman.Listed

func (a actual) service(name string, digest contract.Digest) (podman.Listed, bool) {
	for _, c := range a {
		if c.Labels[labelContainer] == name && c.Labels[labelInit] == "false" && c.Labels[labelDigest] == digest.String() {
			return c, true
		}
	}
	return podman.Listed{}, false
}

// begun tells whether services of this release have been made, which comes after its init containers.
func (a actual) begun(digest contract.Digest) bool {
	for _, c := range a {
		if c.Labels[labelInit] == "false" && c.Labels[labelDigest] == digest.String() {
			return true
		}
	}
	return false
}

// whole tells whether all of a release is there and runs, or has ended as it should, and nothing else of its workload is.
func (a actual) whole(p contract.Podman, digest contract.Digest) bool {
	for _, service := range p.Services {
		c, there := a.service(service.Name, digest)
		if !there || c.State != "running" && !ended(service, c) {
			return false
		}
	}
	return len(a) == len(p.Services)
}

// ended tells whether a service has ended and is not to be started again.
func ended(service contract.Container, c podman.Listed) bool {
	return c.State == "exited" && (service.Restart == contract.RestartNever || service.Restart == contract.RestartOnFailure && c.ExitCode == 0)
}

// Containers lists the services of a workload that podman has, whatever their state.
func (r *Runner) Containers(ctx context.Context, uid contract.WorkloadUID) (services []podman.Listed, err error) {
	all, err := r.podman.Containers(ctx, labelUID+"="+uid.String())
	for _, c := range all {
		if c.Labels[labelInit] == "false" {
			services = append(services, c)
		}
	}
	return services, err
}

// ContainerName gives the name that a container has within its release.
func ContainerName(c podman.Listed) string { return c.Labels[labelContainer] }
