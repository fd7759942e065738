// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package scoretest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/scoretest/internal/hello"
)

// faultVariable names the Score that a test run in a process of its own, to see it fail, holds to the contract.
const faultVariable = "HARMONY_SCORETEST_FAULT"

func TestConformFindsAScoreThat(t *testing.T) {
	topology := scoretest.Local(t)
	for _, c := range []struct {
		name    string
		score   func(hello.Score) harmony.Score[hello.Place]
		promise string // which it breaks
		says    []string
	}{
		{
			"changes something each time", func(s hello.Score) harmony.Score[hello.Place] { return restless{s} },
			"deploying again changes nothing",
			[]string{"a deploy of what stands as it should changes nothing", "hello: updated ConfigMap/hello (data.text)", "ConfigMap/hello was written to: data.text"},
		},
		{
			"tests nothing", func(s hello.Score) harmony.Score[hello.Place] { return content{s} },
			"its smoke test fails while it is stopped and passes when it is back",
			[]string{"hello has no Pod, and all smoke tests pass"},
		},
		{
			"repairs nothing", func(s hello.Score) harmony.Score[hello.Place] { return lazy{s} },
			"what someone edited or deleted is repaired alone and named/Service/hello edited",
			[]string{"touches nothing else: Service/hello", "repaired of these: none", "Service/hello is not as it was: metadata.labels"},
		},
		{
			"throws data away", func(s hello.Score) harmony.Score[hello.Place] { return wasteful{s} },
			"remove keeps data and lists it",
			[]string{"Secret/password is data, and is gone"},
		},
		{
			"holds out against an interrupt", func(s hello.Score) harmony.Score[hello.Place] { return stubborn{s} },
			"a cancelled context ends a deploy at once and leaves nothing half written/converge 1",
			[]string{"a deploy returns at once when its context ends", "it took 2"},
		},
		{
			"cannot go on where it was killed", func(s hello.Score) harmony.Score[hello.Place] { return locked{s} },
			"a deploy that is killed is simply run again/converge 1",
			[]string{"deploying hello fails", "hello is locked: another deploy is under way"},
		},
		{
			"leaves something behind", func(s hello.Score) harmony.Score[hello.Place] { return careless{s} },
			"remove with purge leaves nothing but what is a stranger's",
			[]string{"remove with purge leaves the cluster as it was", "Secret/forgotten was made"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if os.Getenv(faultVariable) == c.name {
				score := hello.Score{Namespace: scoretest.Namespace(t), Text: "hello\n"}
				scoretest.Conform(t, harmony.Place(c.score(score)).On(topology))
				return
			}
			said := fails(t, c.name, c.promise)
			for _, want := range c.says {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said:\n%s", want, said)
				}
			}
		})
	}
}

// fails holds a faulty Score to one promise in a process of its own, and gives what that says.
func fails(t *testing.T, fault, promise string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pattern := "^" + strings.ReplaceAll(t.Name()+"/"+promise, "/", "$/^") + "$"
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+pattern, "-test.v")
	cmd.Env = append(os.Environ(), faultVariable+"="+fault)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: "+strings.ReplaceAll(t.Name()+"/"+promise, " ", "_")) {
		t.Fatalf("it is not found: %v\n%s", err, out)
	}
	return string(out)
}
