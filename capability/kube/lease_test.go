// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/needs"
)

// lease reads the Lease of a component; nil when there is none.
func (c cluster) lease(t *testing.T, in kube.Inventory) *coordinationv1.Lease {
	t.Helper()
	l, err := c.stranger.CoordinationV1().Leases(in.Namespace).Get(t.Context(), "harmony-"+in.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	fatal(t, err)
	return l
}

// meanwhile is a component during whose deploy something happens, after its objects stand.
func (c cluster) meanwhile(in kube.Inventory, then func(context.Context) error) *harmony.Placement {
	return c.on(in.Name, func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
		outcome, err := on.Apply(ctx, in, settings("one", nil))
		if _, deploys := on.(*kube.Client); err == nil && deploys {
			err = then(ctx)
		}
		return outcome, err
	})
}

func TestASecondRunSaysWhoIsAtWorkAndChangesNothing(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", nil))
	var second, third, plan error
	_, err := harmony.Deploy(t.Context(), c.meanwhile(in, func(ctx context.Context) error {
		if l := c.lease(t, in); l == nil || l.Spec.HolderIdentity == nil {
			return errors.New("no lease is held")
		}
		_, second = harmony.Deploy(ctx, c.applying(in, settings("one", nil), settings("two", nil)))
		_, third = harmony.Remove(ctx, c.removing(in))
		_, plan = harmony.Plan(ctx, c.applying(in, settings("one", nil), settings("two", nil)))
		return nil
	}))
	fatal(t, err)
	var failure *harmony.Failure
	if !errors.As(second, &failure) || !failure.Preflight() || !cmp.Equal(codes(second), []diag.Code{diag.PlaceBusy}) {
		t.Errorf("a second deploy: %v", second)
	}
	host, err := os.Hostname()
	fatal(t, err)
	for _, want := range []string{fmt.Sprintf("@%s, process %d", host, os.Getpid()), "since "} {
		if !strings.Contains(text(second), want) {
			t.Errorf("%q is not said:\n%s", want, text(second))
		}
	}
	if !cmp.Equal(codes(third), []diag.Code{diag.PlaceBusy}) {
		t.Errorf("a removal meanwhile: %v", third)
	}
	if plan != nil {
		t.Errorf("a plan meanwhile: %v", plan)
	}
	standing, err := c.Standing(t.Context(), in.Namespace)
	if err != nil || len(standing) != 1 || !cmp.Equal(standing[0].Objects, []string{"ConfigMap/one"}) || c.lease(t, in) != nil {
		t.Errorf("%v; stands %+v, lease %v", err, standing, c.lease(t, in))
	}
}

func TestRunsThatShareAnInventoryDoNotExcludeEachOther(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	in.Shared = true
	objects := []kube.Object{settings("one", nil), settings("two", nil)}
	deploying := func(then func(context.Context)) *harmony.Placement {
		return c.on(in.Name, func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
			if _, deploys := on.(*kube.Client); deploys {
				then(ctx)
			}
			return on.Apply(ctx, in, objects...)
		})
	}
	var second error
	// What the first has planned to make, the second has made by then.
	_, err := harmony.Deploy(t.Context(), deploying(func(ctx context.Context) {
		_, second = harmony.Deploy(ctx, deploying(func(context.Context) {}))
	}))
	if err != nil || second != nil || c.lease(t, in) != nil {
		t.Errorf("%v, meanwhile %v, lease %v", err, second, c.lease(t, in))
	}
	standing, err := c.Standing(t.Context(), in.Namespace)
	if err != nil || len(standing) != 1 || !cmp.Equal(standing[0].Objects, []string{"ConfigMap/one", "ConfigMap/two"}) {
		t.Errorf("%v; stands %+v", err, standing)
	}
}

func (c cluster) removing(in kube.Inventory) *harmony.Placement {
	return harmony.Place(remover{job{in.Name, nil}, in}).On(site{c.Client, c.Client})
}

type remover struct {
	job
	in kube.Inventory
}

var _ harmony.Remover[kube.Place] = remover{}

func (r remover) Remove(ctx context.Context, on kube.Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, r.in, how)
}

func TestARunFromNothingToNothingLeavesNoLease(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	if _, err := harmony.Deploy(t.Context(), c.meanwhile(in, func(context.Context) error {
		if c.lease(t, in) == nil {
			return errors.New("no lease is held in the namespace that was made")
		}
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	if c.lease(t, in) != nil {
		t.Error("the lease is left")
	}
	if _, err := harmony.Remove(t.Context(), c.removing(in)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the run's own lease kept the namespace: %v", err)
	}
}

func TestAnInterruptedRunReleasesItsLease(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := harmony.Deploy(ctx, c.meanwhile(in, func(ctx context.Context) error { cancel(); return ctx.Err() }))
	if !errors.Is(err, context.Canceled) || c.lease(t, in) != nil {
		t.Errorf("%v; the lease: %v", err, c.lease(t, in))
	}
}

// variable makes the test below the process that is killed.
const variable = "HARMONY_KUBE_TEST_HOLDS"

func TestARunTakesOverAtOnceFromOneThatWasKilledOnThisMachine(t *testing.T) {
	if namespace := os.Getenv(variable); namespace != "" {
		in := kube.Inventory{Namespace: namespace, Name: "web"}
		_, err := harmony.Deploy(t.Context(), connectAlone(t).meanwhile(in, func(ctx context.Context) error {
			fmt.Println("\nholding")
			<-ctx.Done()
			return ctx.Err()
		}))
		t.Fatal(err)
	}
	c := connect(t)
	in := c.component(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v") //nolint:gosec // this test
	cmd.Env = append(os.Environ(), variable+"="+in.Namespace, "KUBECONFIG="+needs.Local(t))
	out, err := cmd.StdoutPipe()
	fatal(t, err)
	fatal(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "holding" {
	}
	if c.lease(t, in) == nil {
		t.Fatal("the other process holds no lease")
	}
	fatal(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	start := time.Now()
	if _, err := harmony.Deploy(t.Context(), c.applying(in, settings("one", nil))); err != nil || c.lease(t, in) != nil {
		t.Errorf("%v; the lease: %v", err, c.lease(t, in))
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it waited %s for a run that is gone", took)
	}
}

// elsewhere leaves a Lease as a run on another machine has it.
func (c cluster) elsewhere(t *testing.T, in kube.Inventory) *coordinationv1.Lease {
	t.Helper()
	who, lasts, now := "ann@laptop, process 7, run QXZ4TP", int32(3), metav1.NowMicro()
	l, err := c.stranger.CoordinationV1().Leases(in.Namespace).Create(t.Context(), &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: "harmony-" + in.Name, Annotations: map[string]string{"harmony.nationtech.io/process": "boot/pid:[1]/7/12"}},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &who, LeaseDurationSeconds: &lasts, AcquireTime: &now, RenewTime: &now},
	}, metav1.CreateOptions{})
	fatal(t, err)
	return l
}

func TestALeaseOfAnotherMachineIsTakenOverWhenNobodyRenewsIt(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	c.elsewhere(t, in)
	var waited []string
	_, err := harmony.Run{Events: event.SinkFunc(func(r event.Record) {
		if w, ok := r.Event.(event.Waiting); ok {
			waited = append(waited, w.For+": "+w.Saw)
		}
	})}.Deploy(t.Context(), c.applying(in, settings("one", nil)))
	if err != nil || c.lease(t, in) != nil {
		t.Errorf("%v; the lease: %v", err, c.lease(t, in))
	}
	if len(waited) == 0 || !strings.Contains(waited[0], "Lease/harmony-web: held by ann@laptop") {
		t.Errorf("nobody is told what is waited for: %v", waited)
	}
}

func TestALeaseThatAnotherMachineRenewsIsNotTakenOver(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	l := c.elsewhere(t, in)
	_, err := harmony.Run{Events: event.SinkFunc(func(r event.Record) {
		if _, ok := r.Event.(event.Waiting); ok {
			now := metav1.NowMicro()
			l.Spec.RenewTime = &now
			l, _ = c.stranger.CoordinationV1().Leases(in.Namespace).Update(t.Context(), l, metav1.UpdateOptions{})
		}
	})}.Deploy(t.Context(), c.applying(in, settings("one", nil)))
	if !cmp.Equal(codes(err), []diag.Code{diag.PlaceBusy}) || !strings.Contains(text(err), "ann@laptop") {
		t.Errorf("got\n%s", text(err))
	}
	if now := c.lease(t, in); now == nil || *now.Spec.HolderIdentity != "ann@laptop, process 7, run QXZ4TP" {
		t.Errorf("the lease was touched: %v", now)
	}
}

func TestARunWhoseLeaseWasTakenOverStopsAndSaysByWhom(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	_, err := harmony.Deploy(t.Context(), c.meanwhile(in, func(ctx context.Context) error {
		l, who := c.lease(t, in), "ann@laptop"
		l.Spec.HolderIdentity, l.Annotations = &who, nil
		if _, err := c.stranger.CoordinationV1().Leases(in.Namespace).Update(ctx, l, metav1.UpdateOptions{}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}))
	if !cmp.Equal(codes(err), []diag.Code{diag.Interrupted}) || !strings.Contains(text(err), "ann@laptop") {
		t.Errorf("got\n%s", text(err))
	}
	if now := c.lease(t, in); now == nil || *now.Spec.HolderIdentity != "ann@laptop" {
		t.Errorf("the lease of the other was touched: %v", now)
	}
}

func TestCredentialsThatMayNotWriteLeasesDeployWithoutOneAndSaySo(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	limited := cluster{c.limited(t, in.Namespace), c.stranger}
	role, err := c.stranger.RbacV1().Roles(in.Namespace).Get(t.Context(), "limited", metav1.GetOptions{})
	fatal(t, err)
	role.Rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"*"}}}
	_, err = c.stranger.RbacV1().Roles(in.Namespace).Update(t.Context(), role, metav1.UpdateOptions{})
	fatal(t, err)
	c.granted(t, in.Namespace, "patch")
	var notices []string
	if _, err := (harmony.Run{Events: event.SinkFunc(func(r event.Record) {
		if n, ok := r.Event.(event.Notice); ok {
			notices = append(notices, n.Text)
		}
	})}).Deploy(t.Context(), limited.applying(in, settings("one", nil))); err != nil {
		t.Fatalf("%v\n%s", err, text(err))
	}
	if len(notices) != 1 || !strings.Contains(notices[0], "may not write Leases in namespace "+in.Namespace) {
		t.Errorf("got %q", notices)
	}
}
