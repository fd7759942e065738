// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// A key to the yard, of which there is one.
type key struct {
	journal []string
	busy    error
	early   bool // it cannot be taken in the preflight
	lost    func(error)
}

func (k *key) take(_ context.Context, lost func(error)) (func(context.Context), error) {
	if k.early {
		k.early = false
		k.journal = append(k.journal, "too early")
		return nil, nil
	}
	if k.busy != nil {
		return nil, k.busy
	}
	k.lost = lost
	k.journal = append(k.journal, "taken")
	return func(ctx context.Context) {
		if ctx.Err() == nil {
			k.journal = append(k.journal, "released")
		}
	}, nil
}

// locked is work that holds the key, whatever it does.
func locked(k *key, then func(context.Context) error) func(context.Context, *yard) (harmony.Outcome, error) {
	return func(ctx context.Context, y *yard) (harmony.Outcome, error) {
		if y.draft != nil {
			y.draft.Hold("key", k.take)
			return harmony.Outcome{}, nil
		}
		for range 2 {
			if err := harmony.Hold(ctx, "key", k.take); err != nil {
				return harmony.Outcome{}, err
			}
		}
		k.journal = append(k.journal, "change")
		return y.put("rake"), then(ctx)
	}
}

func well(context.Context) error { return nil }

func TestWhatARunHoldsIsTakenBeforeTheFirstChangeOnceAndReleasedAtTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		key  key
		want []string
	}{
		"in the preflight":             {key{}, []string{"taken", "change", "released"}},
		"later, when there is a place": {key{early: true}, []string{"too early", "taken", "change", "released"}},
	} {
		k := c.key
		if _, err := harmony.Deploy(t.Context(), harmony.Place(shed{"shed", locked(&k, well)}).On(&yard{has: map[string]bool{}})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, k.journal); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatSomeoneElseHoldsIsAFindingOfThePreflight(t *testing.T) {
	y := &yard{has: map[string]bool{}}
	_, err := harmony.Deploy(t.Context(), harmony.Place(shed{"shed", locked(&key{busy: diag.New(diag.PlaceBusy)}, well)}).On(y))
	var failure *harmony.Failure
	if !errors.As(err, &failure) || !failure.Preflight() || !cmp.Equal(codes(err), []diag.Code{diag.PlaceBusy}) || len(y.has) > 0 {
		t.Errorf("%v, the yard has %v", err, y.has)
	}
	if got := diag.All(err)[0].Path; !cmp.Equal(got, []string{"shed"}) {
		t.Errorf("got path %v", got)
	}
}

func TestAPlanHoldsNothing(t *testing.T) {
	k := &key{}
	if _, err := harmony.Plan(t.Context(), harmony.Place(shed{"shed", locked(k, well)}).On(&yard{})); err != nil || len(k.journal) > 0 {
		t.Errorf("%v %v", err, k.journal)
	}
}

func TestOutsideOfARunNothingIsHeld(t *testing.T) {
	k := &key{}
	if err := harmony.Hold(t.Context(), "key", k.take); err != nil || len(k.journal) > 0 {
		t.Errorf("%v %v", err, k.journal)
	}
}

func TestARunThatLosesWhatItHoldsIsCancelledAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &key{}
		taken := diag.New(diag.PlaceBusy).Saw("somebody else")
		_, err := harmony.Deploy(t.Context(), harmony.Place(shed{"shed", locked(k, func(ctx context.Context) error {
			k.lost(taken)
			<-ctx.Done()
			return ctx.Err()
		})}).On(&yard{has: map[string]bool{}}))
		if !errors.Is(err, taken) || !cmp.Equal(codes(err), []diag.Code{diag.Interrupted}) {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff([]string{"taken", "change", "released"}, k.journal); diff != "" {
			t.Error(diff)
		}
	})
}
