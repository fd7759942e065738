// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/event"
)

// A former part is one that a Server has no longer, since devices come in otherwise.
type former struct {
	inventory kube.Inventory
	// secret is data of the part, so that it is there if the part ever was.
	secret string
}

// formers are the parts of a Server with another Identity: what told of tokens, and then what gave them. An Issuer that is a placement
// of its own is none.
func (s Server) formers() (all []former) {
	issuer := former{Issuer{Namespace: s.NATS.Namespace}.inventory(), issuerAdmin}
	if s.Identity == nil {
		asked := s.Stands().Ref().Credential(calloutUser).Secret
		return []former{{Callout{Namespace: s.NATS.Namespace}.inventory(), asked}, issuer, {s.inventory(), asked}}
	}
	if _, ours := s.Provider().(IssuerRef); !ours {
		return []former{issuer}
	}
	return nil
}

// clear takes away what former parts left and what is no data. Who is enrolled is: it is there when the issuer is, again.
func (s Server) clear(ctx context.Context, on kube.Cluster) (outcome harmony.Outcome, err error) {
	var kept []string
	for _, f := range s.formers() {
		there, err := on.Secret(ctx, f.inventory.Namespace, f.secret)
		if err != nil {
			return outcome, err
		}
		if there == nil {
			continue
		}
		removed, err := on.Remove(ctx, f.inventory, harmony.Removal{})
		for _, gone := range removed.Gone {
			outcome.Changes = append(outcome.Changes, harmony.Change{Action: harmony.Deleted, Object: gone})
		}
		if err != nil {
			return outcome, err
		}
		if len(removed.Gone) > 0 {
			kept = append(kept, removed.Kept...)
		}
	}
	if len(kept) > 0 {
		event.Emit(ctx, event.Fact{Text: "who is enrolled no longer comes in; the keys are kept until a purge"})
	}
	return outcome, nil
}
