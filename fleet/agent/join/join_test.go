// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package join_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/join"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

const token = "the-token-of-this-test"

// world is a fleet with an issuer that has a token for two devices, and NATS behind a callout.
func world(t *testing.T, change func(*registry.JoinToken)) *callouttest.World {
	t.Helper()
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	made := registry.JoinToken{
		ID: registry.TokenID(token), Left: 2, Until: time.Now().Add(time.Hour), Access: contract.Access{NATS: []string{w.URL()}},
		Labels: map[string]string{"site": "lyon"},
	}
	if change != nil {
		change(&made)
	}
	if _, err := w.Issuer.Registry.AddJoinToken(made, time.Now()); err != nil {
		t.Fatal(err)
	}
	return w
}

func device(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// said collects what a device says while it joins.
type said struct {
	mu    sync.Mutex
	lines []string
	// waits is called when it says that it waits, if there is such a function.
	waits func()
}

func (s *said) say(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
	if s.waits != nil && strings.HasPrefix(line, "waiting: ") {
		s.waits()
	}
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

func joining(t *testing.T, w *callouttest.World, name, dir string) (join.Joining, *said) {
	t.Helper()
	s := new(said)
	return join.Joining{
		Device: device(t, name), Issuer: w.Issuer.URL, Token: secret.New(token),
		Folder: folder.Folder{Dir: dir, At: dir}, Facts: contract.JoinFacts{Hostname: name, OS: "linux"}, Say: s.say,
	}, s
}

// begin starts to join, and gives what comes of it.
func begin(ctx context.Context, j join.Joining) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	return ended
}

// waiting is the question of a device once it was asked.
func waiting(t *testing.T, w *callouttest.World, name string) (j registry.Join) {
	t.Helper()
	err := wait.Until(t.Context(), name+" to ask", wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		all, err := w.Issuer.Registry.Joins()
		i := slices.IndexFunc(all, func(one registry.Join) bool { return one.Device == name && one.Standing == contract.JoinPending })
		if i >= 0 {
			j = all[i]
		}
		return "nobody of that name asks", i >= 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// connects runs the agent of a folder, and waits until the device answers.
func connects(t *testing.T, w *callouttest.World, dir, name string) {
	t.Helper()
	w.Directory.Set(name, callout.Allowed) // as whoever approves makes the Device
	c, err := config.Load(filepath.Join(dir, folder.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if c.Plane != w.Issuer.Plane || c.Device.String() != name {
		t.Errorf("the agent obeys %s, as %s", c.Plane, c.Device)
	}
	c.HealthListen = ""
	c.Runtime.StateDir = t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- agent.New(c, agent.Gather("test", ""), slog.New(slog.DiscardHandler)).Run(ctx) }()
	fleet := w.Static(callouttest.Administrator)
	err = wait.Until(t.Context(), "an answer to a ping", wait.Pace{Limit: 30 * time.Second}, func(ctx context.Context) (string, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := command.Client{Conn: fleet, Plane: c.Plane, Caller: "test"}.Ping(ctx, c.Device, "n-1")
		if err != nil {
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	if err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func is(t *testing.T, err error, code diag.Code, text string) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != code || !strings.Contains(err.Error()+" "+errorText(d), text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func errorText(d *diag.Diagnostic) string {
	if d.Cause == nil {
		return ""
	}
	return d.Cause.Error()
}

func TestADeviceJoinsIsApprovedAndConnects(t *testing.T) {
	w := world(t, nil)
	dir := filepath.Join(t.TempDir(), "agent")
	j, says := joining(t, w, "press-07", dir)
	ended := begin(t.Context(), j)
	asked := waiting(t, w, "press-07")
	if asked.Facts.Hostname != "press-07" || asked.Labels["site"] != "lyon" {
		t.Errorf("%+v", asked)
	}
	if !strings.Contains(says.String(), "fingerprint "+asked.Key.ID) {
		t.Errorf("the device shows another fingerprint than %s:\n%s", asked.Key.ID, says)
	}
	if _, err := os.Stat(filepath.Join(dir, folder.ConfigFile)); err == nil {
		t.Error("a configuration was written before anybody approved")
	}
	if _, err := w.Issuer.Registry.Approve("press-07", asked.Key.ID, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	connects(t, w, dir, "press-07")
	private, err := os.ReadFile(filepath.Join(dir, folder.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, folder.KeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	for what, hidden := range map[string]string{"the token": token, "the key": strings.Split(string(private), "\n")[1]} {
		if strings.Contains(w.Log.String()+says.String(), hidden) {
			t.Errorf("%s is shown", what)
		}
	}
	// Again: nothing changes.
	before, err := os.ReadFile(filepath.Join(dir, folder.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(t.Context()); err != nil {
		t.Error(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, folder.ConfigFile))
	if err != nil || string(after) != string(before) {
		t.Errorf("%v: it was written again:\n%s", err, after)
	}
}

func TestWhoeverEndsWhileTheyWaitGoesOnWhereTheyWere(t *testing.T) {
	w := world(t, func(made *registry.JoinToken) { made.Left = 1 })
	dir := t.TempDir()
	j, says := joining(t, w, "press-07", dir)
	ctx, cut := context.WithCancel(t.Context())
	says.waits = cut
	is(t, j.Run(ctx), diag.JoinUnfinished, "nobody has approved it yet")
	first := waiting(t, w, "press-07")
	says.waits = nil
	// The token is used up, and was taken away; the key is enough.
	if err := w.Issuer.Registry.DropJoinToken(registry.TokenID(token)); err != nil {
		t.Fatal(err)
	}
	ended := begin(t.Context(), j)
	if _, err := w.Issuer.Registry.Approve("press-07", first.Key.ID, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// It was cut off before the configuration stood.
	if err := os.Remove(filepath.Join(dir, folder.ConfigFile)); err != nil {
		t.Fatal(err)
	}
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	connects(t, w, dir, "press-07")
	if m, _, err := w.Issuer.Registry.Machine("press-07"); err != nil || len(m.Keys) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestADeviceThatATokenNamesIsLetInByItself(t *testing.T) {
	w := world(t, func(made *registry.JoinToken) { made.Automatic, made.Devices = true, []string{"press-07"} })
	dir := t.TempDir()
	j, _ := joining(t, w, "press-07", dir)
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	connects(t, w, dir, "press-07")
	// Another that takes its name is not: that waits for a person, and the first keeps its rights.
	thief, _ := joining(t, w, "press-07", t.TempDir())
	ctx, cut := context.WithCancel(t.Context())
	ended := begin(ctx, thief)
	asked := waiting(t, w, "press-07")
	_, err := w.Issuer.Registry.Approve("press-07", asked.Key.ID, false, time.Now())
	is(t, err, diag.NameTaken, "another key")
	connects(t, w, dir, "press-07")
	cut()
	<-ended
	// Who is replaced has no rights any more.
	if _, err := w.Issuer.Registry.Approve("press-07", asked.Key.ID, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	if m, _, err := w.Issuer.Registry.Machine("press-07"); err != nil || len(m.Keys) != 1 || m.Keys[0].ID != asked.Key.ID {
		t.Errorf("%v: %+v", err, m)
	}
	is(t, j.Run(t.Context()), diag.JoinRefused, "has been taken from the device")
}

func TestWhoIsNotLetIn(t *testing.T) {
	w := world(t, func(made *registry.JoinToken) { made.Prefix, made.Left = "press-", 1 })
	try := func(name, with string) error {
		j, says := joining(t, w, name, t.TempDir())
		j.Token = secret.New(with)
		ctx, cut := context.WithCancel(t.Context())
		defer cut()
		says.waits = cut
		return j.Run(ctx)
	}
	is(t, try("press-07", "another"), diag.JoinRefused, "there is no such token")
	is(t, try("mill-07", token), diag.JoinRefused, "names that begin with press-")
	is(t, try("press-07", token), diag.JoinUnfinished, "nobody has approved it yet")
	is(t, try("press-08", token), diag.JoinRefused, "as many devices as the token is for")
	old := registry.JoinToken{ID: registry.TokenID("old"), Left: 1, Until: time.Now().Add(time.Millisecond), Access: contract.Access{NATS: []string{"nats://a:4222"}}}
	if _, err := w.Issuer.Registry.AddJoinToken(old, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := wait.Sleep(t.Context(), 5*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	is(t, try("press-09", "old"), diag.JoinRefused, "the token has expired")
}

func TestADeviceThatIsDeniedHearsSo(t *testing.T) {
	w := world(t, nil)
	j, _ := joining(t, w, "press-07", t.TempDir())
	ended := begin(t.Context(), j)
	asked := waiting(t, w, "press-07")
	if _, err := w.Issuer.Registry.Deny("press-07", asked.Key.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	is(t, <-ended, diag.JoinDenied, "press-07")
	is(t, j.Run(t.Context()), diag.JoinDenied, "press-07")
	if _, found, err := w.Issuer.Registry.Machine("press-07"); err != nil || found {
		t.Errorf("it was enrolled: %v", err)
	}
}

func TestAnIssuerThatIsAwayIsWaitedFor(t *testing.T) {
	w := world(t, nil)
	j, says := joining(t, w, "press-07", t.TempDir())
	j.Issuer = "http://127.0.0.1:1"
	ctx, cut := context.WithCancel(t.Context())
	says.waits = cut
	is(t, j.Run(ctx), diag.JoinUnfinished, "connection refused")
	// An end of its own comes, too.
	j.Limit = time.Nanosecond
	is(t, j.Run(t.Context()), diag.JoinUnfinished, "press-07")
	if !strings.Contains(says.String(), "connection refused") {
		t.Error(says)
	}
}

func TestTheFolderOfAnotherDeviceIsLeftAlone(t *testing.T) {
	w := world(t, nil)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, folder.ConfigFile), []byte("device = \"press-01\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, _ := joining(t, w, "press-07", dir)
	is(t, j.Run(t.Context()), diag.FolderUnusable, `it holds the files of "press-01"`)
	if _, err := os.Stat(filepath.Join(dir, folder.KeyFile)); err == nil {
		t.Error("a key was made there")
	}
}
