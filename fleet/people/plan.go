// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package people

import "encoding/json"

// A PlanRequest asks what would change if objects were as given: Deployments and Devices of the fleet, 100 at most.
type PlanRequest struct {
	Objects []json.RawMessage `json:"objects"`
}

// A Plan tells for each object, in their order, what would change.
type Plan struct {
	Source
	Changes []Change `json:"changes"`
}

// A Change is what one object would change.
type Change struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// New is true when there is no such object yet.
	New bool `json:"new"`
	// Refused says why the operator would tell it to nobody; empty when it would.
	Refused string `json:"refused,omitempty"`
	// Of a Deployment: the devices that would get it, get another release of it, lose it, or see no change. Of a Device: the
	// Deployments that it would get, lose or keep, as NAMESPACE/NAME.
	Gain   Some `json:"gain"`
	Update Some `json:"update"`
	Lose   Some `json:"lose"`
	Same   Some `json:"same"`
	// Offline is how many of the devices that would change are offline: they follow when they are back.
	Offline int `json:"offline"`
}

// Some is a set: how many there are, and the first MaxNamed names.
type Some struct {
	Count int      `json:"count"`
	Names []string `json:"names"`
}

// SomeOf counts names, and keeps the first.
func SomeOf(names []string) Some {
	return Some{len(names), append([]string{}, names[:min(len(names), MaxNamed)]...)}
}
