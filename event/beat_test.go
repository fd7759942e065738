// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// timed notes when each line was written.
type timed struct {
	lines []string
	at    []time.Time
}

func (w *timed) Write(b []byte) (int, error) {
	w.lines, w.at = append(w.lines, strings.TrimSuffix(string(b), "\n")), append(w.at, time.Now())
	return len(b), nil
}

// quietDeploy is a run in which little is to be told.
func quietDeploy(t *testing.T, sink event.Sink) {
	t.Helper()
	pause := func(d time.Duration) { _ = wait.Sleep(t.Context(), d) }
	ctx := event.Into(t.Context(), sink)
	end := event.Begin(ctx, "open")
	pause(5 * time.Second)
	end(nil)
	event.Emit(ctx, event.RunStarted{Verb: "deploy", Names: []string{"all"}})
	nats := event.At(event.At(ctx, "all"), "nats")
	end = event.Begin(nats, "interpret")
	event.Emit(nats, event.Progress{Text: "building nats", Done: 1, Total: 9})
	pause(4 * time.Second)
	converged := event.Begin(nats, "converge")
	event.Emit(nats, event.Waiting{For: "StatefulSet/nats", Saw: "Pod/nats-0: pulling image", Below: []string{"Pod/nats-0"}, Reason: "pulling image"})
	pause(7 * time.Second)
	converged(nil)
	pause(3 * time.Second)
	end(nil)
	event.Emit(nats, event.PlacementEnded{Standing: "done", Took: event.Seconds(14 * time.Second)})
	event.Emit(ctx, event.RunEnded{Verb: "deploy"})
}

func TestPlainIsNeverSilentForLongWhileSomethingIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &timed{}
		p := &event.Plain{W: out}
		stop := event.Beat(500*time.Millisecond, p.Beat)
		last := time.Now()
		quietDeploy(t, p)
		_ = wait.Sleep(t.Context(), time.Minute) // nothing is under way, and nothing is to be said
		stop()
		for i, at := range out.at {
			if gap := at.Sub(last); gap > event.Silence {
				t.Errorf("%s of silence before %q", gap, out.lines[i])
			}
			last = at
		}
		for _, want := range []string{
			"still at open, for 1.5 s", "all › nats   still building nats (1 of 9), for 3.0 s",
			"all › nats   still waiting for StatefulSet/nats: Pod/nats-0: pulling image, for 6.0 s", "all › nats   still at interpret, for 13.0 s",
		} {
			found := false
			for _, line := range out.lines {
				found = found || line == want
			}
			if !found {
				t.Errorf("%q is not said:\n%s", want, strings.Join(out.lines, "\n"))
			}
		}
	})
}

func TestABoardIsATreeOfWhatIsUnderWay(t *testing.T) {
	b := &event.Board{}
	ctx := event.Into(context.Background(), b)
	event.Emit(ctx, event.RunStarted{Names: []string{"one", "two"}})
	in := func(names ...string) context.Context {
		c := ctx
		for _, name := range names {
			c = event.At(c, name)
		}
		return c
	}
	event.Begin(in("two"), "interpret")
	event.Begin(in("one", "b"), "interpret")
	converge := event.Begin(in("one", "b"), "converge")
	event.Emit(in("one", "a"), event.PlacementEnded{Standing: "done"})
	paths := func(rows []event.Row) (all []string) {
		for _, r := range rows {
			all = append(all, strings.Join(r.Path, "/"))
		}
		return all
	}
	if diff := cmp.Diff([]string{"one", "one/b", "one/a", "two"}, paths(b.Rows())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"one/b", "two"}, paths(b.UnderWay())); diff != "" {
		t.Error(diff)
	}
	if steps := b.UnderWay()[0].Steps; len(steps) != 2 || steps[1].Step != "converge" {
		t.Errorf("steps %+v", steps)
	}
	converge(nil)
	if steps := b.UnderWay()[0].Steps; len(steps) != 1 || steps[0].Step != "interpret" {
		t.Errorf("steps %+v", steps)
	}
	event.Emit(ctx, event.RunEnded{})
	if rows := b.Rows(); len(rows) > 0 {
		t.Errorf("after the run: %+v", rows)
	}
}
