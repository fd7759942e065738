// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// dated is an API server of which only the revision is asked.
type dated struct {
	client.Reader
	is   string
	err  error
	then func()
}

func (s *dated) List(_ context.Context, all client.ObjectList, _ ...client.ListOption) error {
	all.SetResourceVersion(s.is)
	if s.then != nil {
		s.then()
	}
	return s.err
}

// ends tells whether the reign ends at that revision.
func (l *lead) ends(t *testing.T, s *dated, is string) bool {
	t.Helper()
	s.is, l.reader = is, s
	var back *wentBack
	err := l.compare(t.Context())
	if err != nil && !errors.As(err, &back) {
		t.Fatal(err)
	}
	return err != nil
}

func TestALeaderEndsWhenTheAPIServerWentBack(t *testing.T) {
	l, s := leads(t), &dated{}
	for _, c := range []struct {
		is   string
		ends bool
	}{{"100", false}, {"140", false}, {"unknown", false}, {"140", false}, {"120", true}} {
		if is := l.ends(t, s, c.is); is != c.ends {
			t.Errorf("at revision %s: it ends %t", c.is, is)
		}
	}
}

// What came and went between two looks at the revision was seen in objects.
func TestAnAPIServerThatWentBackBetweenTwoLooksIsFoundOut(t *testing.T) {
	for name, see := range map[string]func(*testing.T, client.Client){
		"what is watched": func(t *testing.T, c client.Client) {
			var p fleet.Deployment
			if err := c.Get(t.Context(), web, &p); err != nil {
				t.Fatal(err)
			}
		},
		"what is written": func(t *testing.T, c client.Client) {
			p := fleet.Deployment{}
			p.Namespace, p.Name = web.Namespace, web.Name
			if err := c.Status().Patch(t.Context(), &p, client.RawPatch("application/merge-patch+json", []byte(`{"status":{"release":{"generation":2}}}`))); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, s := leads(t), &dated{}
			if l.ends(t, s, "100") {
				t.Fatal("it ends at the first revision that it sees")
			}
			at := func(o client.Object, err error) error {
				o.SetResourceVersion("140")
				return err
			}
			see(t, witness{interceptor.NewClient(l.objects, interceptor.Funcs{
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
					return at(o, c.Get(ctx, key, o, options...))
				},
				SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
					return at(o, c.SubResource(sub).Patch(ctx, o, p, options...))
				},
			}), &l.revisions})
			if !l.ends(t, s, "120") {
				t.Error("it goes on at a revision below one that it saw")
			}
		})
	}
}

func TestWhatIsSeenWhileTheRevisionIsAskedIsNoSignThatItWentBack(t *testing.T) {
	l := leads(t)
	s := &dated{then: func() { l.revisions.saw("150") }}
	if l.ends(t, s, "140") {
		t.Error("it ends")
	}
	if s.then = nil; !l.ends(t, s, "149") {
		t.Error("it forgot what it saw meanwhile")
	}
}

// An API server that was stopped may have been taken back: what is written before that is known lets its revision grow.
func TestNoStatusIsWrittenUntilItIsKnownThatTheAPIServerDidNotGoBack(t *testing.T) {
	l, s := leads(t), &dated{}
	const later = "100000" // than what the objects of this test have
	l.client = witness{l.objects, &l.revisions}
	l.refuse = &os.SyscallError{Syscall: "connect", Err: os.ErrDeadlineExceeded}
	l.converged.Store(true)
	asked := func() (patched int) {
		l.status.due[string(l.get(t).UID)], l.status.rest = owed{NamespacedName: web}, map[string]pause{}
		before := l.patches
		if err := l.say(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		return l.patches - before
	}
	asked()
	if !l.revisions.doubted.Load() {
		t.Fatal("a connection that failed is no reason to doubt")
	}
	l.refuse = nil
	if n := asked(); n > 0 {
		t.Errorf("%d writes while nobody knows", n)
	}
	s.err = os.ErrDeadlineExceeded
	if l.ends(t, s, later) || !l.revisions.doubted.Load() {
		t.Error("an answer that did not come ends the doubt")
	}
	s.err = nil
	if l.ends(t, s, later) || l.revisions.doubted.Load() {
		t.Error("it goes on to doubt")
	}
	if n := asked(); n != 1 {
		t.Errorf("%d writes once it is known", n)
	}
}
