// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// aDeploy tells sink of a deploy, as far as the wait for a Pod; then comes what is still to come.
func aDeploy(ctx context.Context, sink event.Sink) (rest func()) {
	ctx = event.Into(ctx, sink)
	at := func(names ...string) context.Context {
		c := ctx
		for _, name := range names {
			c = event.At(c, name)
		}
		return c
	}
	pause := func(d time.Duration) { _ = wait.Sleep(ctx, d) }
	event.Emit(ctx, event.RunStarted{Verb: "deploy", Names: []string{"all"}})
	nats, agent, other := at("all", "nats"), at("all", "agent-demo-1"), at("all", "thermostat")
	natsMade, agentMade := event.Begin(nats, "interpret"), event.Begin(agent, "interpret")
	event.Begin(other, "interpret")
	event.Emit(agent, event.Changed{Action: "created", Object: "Deployment/agent-demo-1", Namespace: "harmony-fleet"})
	pause(1200 * time.Millisecond)
	natsMade(nil)
	event.Emit(nats, event.PlacementEnded{Standing: "done", Took: event.Seconds(1200 * time.Millisecond)})
	event.Begin(agent, "converge")
	event.Emit(other, event.Progress{Text: "building thermostat for linux/amd64", Done: 211, Total: 811})
	event.Emit(agent, event.Waiting{
		For: "Deployment/agent-demo-1", Below: []string{"Pod/agent-demo-1-584d9d494b-hlm9v", "container agent"},
		Reason: "0 of 1 replicas available; Pod/agent-demo-1-584d9d494b-hlm9v, container agent: pulling image registry.example/harmony/harmony-fleet-agent:1.2.3",
	})
	pause(4 * time.Second)
	return func() {
		agentMade(nil)
		event.Emit(agent, event.PlacementEnded{Standing: "done", Took: event.Seconds(5200 * time.Millisecond)})
		event.Emit(other, event.PlacementEnded{Standing: "failed", Took: event.Seconds(5200 * time.Millisecond)})
		event.Emit(ctx, event.RunEnded{Verb: "deploy"})
	}
}

func TestTheTreeFitsTheTerminal(t *testing.T) {
	for name, v := range map[string]view{
		"live-40.txt":    {width: 40, height: 24},
		"live-80.txt":    {width: 80, height: 24},
		"live-120.txt":   {width: 120, height: 24},
		"live-ascii.txt": {width: 80, height: 24, look: look{ascii: true}},
		"live-low.txt":   {width: 80, height: 5},
		"live-color.txt": {width: 80, height: 24, look: look{color: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &event.Board{}
				aDeploy(t.Context(), b)
				v.now = time.Now()
				lines := v.lines(b.Rows(), false)
				for _, line := range lines {
					if visible(line) >= v.width {
						t.Errorf("a line of %d columns on a terminal of %d: %q", visible(line), v.width, line)
					}
				}
				if len(lines) >= v.height {
					t.Errorf("%d lines on a terminal of %d", len(lines), v.height)
				}
				golden(t, name, strings.Join(lines, "\n")+"\n")
			})
		})
	}
}

// A screen is what a terminal makes of what is written to it: text, line ends, and the sequences that the tree uses.
type screen struct {
	bytes.Buffer
	width int
}

// rows are the lines of the scrollback and the screen.
func (s *screen) rows(t *testing.T) (rows []string) {
	t.Helper()
	all, y := [][]rune{{}}, 0
	text := []rune(s.String())
	for i := 0; i < len(text); i++ {
		switch r := text[i]; r {
		case '\x1b':
			end := i + 2
			for text[end] < '@' {
				end++
			}
			n := 0
			_, _ = fmt.Sscanf(string(text[i+2:end]), "%d", &n) // J has no number
			switch text[end] {
			case 'A':
				y -= n
			case 'J':
				all = all[:y+1]
				all[y] = all[y][:0]
			default:
				t.Fatalf("an unknown sequence: %q", string(text[i:end+1]))
			}
			i = end
		case '\r':
		case '\n':
			if y++; y == len(all) {
				all = append(all, nil)
			}
		default:
			if all[y] = append(all[y], r); len(all[y]) == s.width {
				y++
				all = append(all, nil)
			}
		}
	}
	for _, row := range all {
		rows = append(rows, string(row))
	}
	return rows
}

func TestTheTreeIsTakenAwayAndWhatHappenedStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{width: 80}
		l := newLive(s, look{moves: true}, func() (int, int) { return s.width, 24 })
		stop := event.Beat(redraw, l.beat)
		rest := aDeploy(t.Context(), l)
		synctest.Wait()
		during := strings.Join(s.rows(t), "\n")
		for _, want := range []string{"all › agent-demo-1 created Deployment/agent-demo-1", "✓ nats", "Pod/agent-demo-1-584d9d494b-hlm9v, container agent", "pulling image registry"} {
			if strings.Count(during, want) != 1 {
				t.Errorf("%q is not there once:\n%s", want, during)
			}
		}
		rest()
		stop()
		want := []string{
			"all › agent-demo-1 created Deployment/agent-demo-1", "all › nats   ✓ done after 1.2 s", "all › agent-demo-1 ✓ done after 5.2 s",
			"all › thermostat ✗ failed after 5.2 s", "",
		}
		if diff := cmp.Diff(want, s.rows(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestATerminalThatIsMadeNarrowerDoesNotKeepPartsOfTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &screen{width: 80}
		l := newLive(s, look{moves: true}, func() (int, int) { return s.width, 24 })
		rest := aDeploy(t.Context(), l)
		l.beat(time.Now())
		s.width = 40 // the terminal wraps what stands: the screen does so, too
		rest()
		for _, row := range s.rows(t) {
			if strings.Contains(row, "Pod/") {
				t.Errorf("left behind:\n%s", strings.Join(s.rows(t), "\n"))
			}
		}
	})
}
