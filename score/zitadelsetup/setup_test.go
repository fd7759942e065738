// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadelsetup

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/score/zitadel/zitadeltest"
	"nationtech.io/harmony/secret"
)

type object = zitadeltest.Object

// site is a place that keeps Secrets and on which one Zitadel answers.
type site struct {
	kube.Cluster
	address string
	token   string
	failing string // Apply fails when it is given an object of this name
}

func (s *site) Kubernetes() kube.Cluster { return s }

func (s *site) Dial(ctx context.Context, _ kube.Service) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

func (s *site) Secret(ctx context.Context, namespace, name string) (map[string]secret.Value, error) {
	if name == "iam-admin-pat" && namespace == "zitadel" {
		return map[string]secret.Value{"pat": secret.New(s.token)}, nil
	}
	return s.Cluster.Secret(ctx, namespace, name)
}

var errKilled = errors.New("killed")

func (s *site) Apply(ctx context.Context, in kube.Inventory, objects ...kube.Object) (harmony.Outcome, error) {
	if slices.ContainsFunc(objects, func(o kube.Object) bool { return o.GetName() == s.failing }) {
		return harmony.Outcome{}, errKilled
	}
	return s.Cluster.Apply(ctx, in, objects...)
}

func (s *site) Remove(context.Context, kube.Inventory, harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, nil
}

func on(f *zitadeltest.Zitadel) *site {
	return &site{Cluster: kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} }).Cluster(nil), address: f.Address, token: zitadeltest.Administrator}
}

func example() Score {
	return Score{
		Namespace: "fleet", Zitadel: zitadel.Ref{Namespace: "zitadel", Name: "zitadel", Domain: "id.example.com"},
		Roles:    []Role{{Key: "device", Name: "A device"}, {Key: "operator"}},
		Machines: []Machine{{Name: "press-07", Roles: []string{"device"}}, {Name: "operator", Roles: []string{"operator"}}},
		Enrols:   "device",
	}
}

func deployed(t *testing.T, s Score, place Place) (changes []string) {
	t.Helper()
	outcome, err := s.Interpret(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range outcome.Changes {
		changes = append(changes, string(c.Action)+" "+c.Object)
	}
	return changes
}

func refused(t *testing.T, s Score, place Place) *diag.Diagnostic {
	t.Helper()
	_, err := s.Interpret(t.Context(), place)
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		t.Fatalf("it is not refused: %v", err)
	}
	return d
}

func TestEverythingIsMadeOnceAndThenLeftAlone(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	got := deployed(t, example(), place)
	for _, want := range []string{"created Zitadel organization/harmony-fleet", "created Zitadel member/enroller-fleet", "created Zitadel key/enroller-fleet", "created Zitadel project/harmony-fleet", "created Zitadel role/device", "created Zitadel application/harmony-fleet-verifier",
		"created Zitadel machine/press-07", "created Zitadel grant/press-07", "created Zitadel key/operator"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing in %v", want, got)
		}
	}
	if f.Users["press-07"]["machine"].(object)["accessTokenType"] != "ACCESS_TOKEN_TYPE_JWT" {
		t.Errorf("got %v", f.Users)
	}
	f.Writes = nil
	if again := deployed(t, example(), place); len(again) != 0 || len(f.Writes) != 0 {
		t.Errorf("changed %v by %v", again, f.Writes)
	}
}

func TestAMachineGetsATokenWithItsRolesByTheKeyThatIsKept(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	deployed(t, example(), place)
	if err := example().SmokeTest(t.Context(), place); err != nil {
		t.Error(err)
	}
	for _, g := range f.Grants {
		if g["userId"] == "operator" {
			g["state"] = "USER_GRANT_STATE_INACTIVE"
		}
	}
	var d *diag.Diagnostic
	if err := example().SmokeTest(t.Context(), place); !errors.As(err, &d) || d.Code != diag.WrongAnswer || strings.Join(d.Path, "") != "Zitadel machine/operator" {
		t.Errorf("a token without roles passes: %v", err)
	}
	f.Users["operator"]["state"] = "USER_STATE_INACTIVE"
	if err := example().SmokeTest(t.Context(), place); err != nil {
		t.Errorf("one that someone has deactivated: %v", err)
	}
	clear(f.Public)
	if err := example().SmokeTest(t.Context(), place); !errors.As(err, &d) || d.Code != diag.ZitadelRefuses {
		t.Errorf("a machine without a token passes: %v", err)
	}
}

func TestWhatSomeoneEditedIsPutRightAndNamed(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	deployed(t, example(), place)
	for _, p := range f.Projects {
		p["projectRoleAssertion"] = false
	}
	for _, g := range f.Grants {
		if g["userId"] == "press-07" {
			g["roleKeys"] = []any{"device", "operator"}
		}
	}
	f.Users["operator"]["machine"].(object)["accessTokenType"] = "ACCESS_TOKEN_TYPE_BEARER"
	if err := example().SmokeTest(t.Context(), place); err == nil {
		t.Error("what was edited passes")
	}
	got := deployed(t, example(), place)
	slices.Sort(got)
	if want := []string{"repaired Zitadel grant/press-07", "repaired Zitadel machine/operator", "repaired Zitadel project/harmony-fleet"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if again := deployed(t, example(), place); len(again) != 0 {
		t.Errorf("then %v", again)
	}
}

func TestAGrantThatSomeoneDeactivatedIsPutRightBeforeItCountsAgain(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	deployed(t, example(), place)
	for _, g := range f.Grants {
		g["state"] = "USER_GRANT_STATE_INACTIVE"
		if g["userId"] == "press-07" {
			g["roleKeys"] = []any{"device", "operator"}
		}
	}
	f.Writes = nil
	got := deployed(t, example(), place)
	if want := []string{"repaired Zitadel grant/press-07", "repaired Zitadel grant/press-07", "repaired Zitadel grant/operator"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(f.Writes) != 3 || !strings.HasPrefix(f.Writes[0], "PUT ") || !strings.HasSuffix(f.Writes[1], "/_reactivate") {
		t.Errorf("written was %v", f.Writes)
	}
	if err := example().SmokeTest(t.Context(), place); err != nil {
		t.Error(err)
	}
	if again := deployed(t, example(), place); len(again) != 0 {
		t.Errorf("then %v", again)
	}
}

// Who enrols has the right to manage users, and it ends where the fleet's organization does.
func TestTheEnrollerMayManageUsersOfTheFleetAlone(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	deployed(t, example(), place)
	for at, m := range f.Members {
		if m["userId"] != "enroller-fleet" || strings.HasPrefix(at, zitadeltest.Home+"/") {
			t.Errorf("%s is %v", at, m)
		}
		m["roles"] = []any{"ORG_OWNER"}
	}
	if got := deployed(t, example(), place); !slices.Equal(got, []string{"repaired Zitadel member/enroller-fleet"}) {
		t.Errorf("a right too many: %v", got)
	}
	clear(f.Members)
	var d *diag.Diagnostic
	if err := example().SmokeTest(t.Context(), place); !errors.As(err, &d) || d.Code != diag.ZitadelRefuses || !strings.Contains(d.Error(), "403") {
		t.Errorf("an enroller that may nothing passes: %v", err)
	}
	f.Users["enroller-fleet"]["state"] = "USER_STATE_INACTIVE"
	if err := example().SmokeTest(t.Context(), place); err != nil {
		t.Errorf("one that someone has deactivated: %v", err)
	}
}

func TestTwoFleetsThatShareAZitadelShareNoProject(t *testing.T) {
	one, other := example(), example()
	other.Namespace = "another-fleet"
	if one.Ref().Project == other.Ref().Project {
		t.Errorf("both have %s", one.Ref().Project)
	}
	f := zitadeltest.Start(t)
	deployed(t, one, on(f))
	other.Project, other.Machines, other.Enrols = one.Ref().Project, nil, ""
	place := on(f)
	if said := noticed(t, other, place); !strings.Contains(said, "the project harmony-fleet was there, and is taken over") {
		t.Errorf("nobody is told of a project that is another's: %s", said)
	}
	if said := noticed(t, other, place); strings.Contains(said, "taken over") {
		t.Errorf("it is said again: %s", said)
	}
}

// noticed is what a run says beside what it does.
func noticed(t *testing.T, s Score, place Place) string {
	t.Helper()
	var said strings.Builder
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) {
		if n, is := r.Event.(event.Notice); is {
			said.WriteString(n.Text + "\n")
		}
	}))
	if _, err := s.Interpret(ctx, place); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

func kept(t *testing.T, place *site, machine string) map[string]secret.Value {
	t.Helper()
	values, err := place.Secret(t.Context(), "fleet", example().Ref().MachineSecret(machine))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestAKeyIsMadeAnewWhenItIsGoneOrEndsSoonAndNotElse(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, f *zitadeltest.Zitadel, place *site, s *Score)
		anew   bool
	}{
		"nothing":              {func(*testing.T, *zitadeltest.Zitadel, *site, *Score) {}, false},
		"its Secret is gone":   {func(_ *testing.T, f *zitadeltest.Zitadel, place *site, _ *Score) { *place = *on(f) }, true},
		"Zitadel dropped it":   {func(_ *testing.T, f *zitadeltest.Zitadel, _ *site, _ *Score) { clear(f.Keys) }, true},
		"it ends soon":         {func(_ *testing.T, _ *zitadeltest.Zitadel, _ *site, s *Score) { s.KeyLife = 100 * defaultLife }, true},
		"its life was lowered": {func(_ *testing.T, _ *zitadeltest.Zitadel, _ *site, s *Score) { s.KeyLife = defaultLife / 2 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := zitadeltest.Start(t)
			place, s := on(f), example()
			deployed(t, s, place)
			before := kept(t, place, "press-07")[KeyIDKey]
			c.change(t, f, place, &s)
			got := deployed(t, s, place)
			after := kept(t, place, "press-07")[KeyIDKey]
			if slices.Contains(got, "created Zitadel key/press-07") != c.anew || before.Equal(after) == c.anew {
				t.Errorf("changes are %v", got)
			}
		})
	}
}

// A run that dies between two keys loses at most the one that it had just made.
func TestARunThatIsKilledBetweenTwoKeysIsSimplyRunAgain(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	place.failing = example().Ref().MachineSecret("operator")
	if _, err := example().Interpret(t.Context(), place); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	first := kept(t, place, "press-07")[KeyIDKey]
	if first.IsZero() {
		t.Fatal("the first key is not kept")
	}
	place.failing = ""
	said := noticed(t, example(), place)
	if !first.Equal(kept(t, place, "press-07")[KeyIDKey]) || kept(t, place, "operator")[KeyFile].IsZero() {
		t.Error("a key that was kept is made anew, or one is missing")
	}
	if !strings.Contains(said, "machine operator has another key in Zitadel") {
		t.Errorf("nobody is told of the key that is lost: %v", said)
	}
}

func TestWhatIsSomeoneElsesIsRefused(t *testing.T) {
	for name, u := range map[string]object{
		"a machine": {"id": "7", "userName": "press-07", "machine": object{"name": "press-07", "description": "mine"}},
		"a person":  {"id": "7", "userName": "press-07", "human": object{}},
	} {
		f := zitadeltest.Start(t)
		f.Users["7"] = u
		if d := refused(t, example(), on(f)); d.Code != diag.NotOurs {
			t.Errorf("%s: got %v", name, d)
		}
	}
}

func TestATokenThatZitadelDoesNotTakeIsSaid(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	place.token = "ended"
	if d := refused(t, example(), place); d.Code != diag.ZitadelRefuses || !strings.Contains(d.Error(), "401") || len(d.Help) == 0 {
		t.Errorf("got %v", d)
	}
	place.token = ""
	if d := refused(t, example(), place); d.Code != diag.ZitadelRefuses || !strings.Contains(d.Error(), "no token") {
		t.Errorf("got %v", d)
	}
}

func TestAScoreThatCannotBeIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Score){
		"no namespace":      func(s *Score) { s.Namespace = "" },
		"a name twice":      func(s *Score) { s.Machines[1].Name = "press-07" },
		"a name with a dot": func(s *Score) { s.Machines[0].Name = "press.07" },
		"an unknown role":   func(s *Score) { s.Machines[0].Roles = []string{"king"} },
		"nobody's role":     func(s *Score) { s.Enrols = "king" },
		"the enroller":      func(s *Score) { s.Machines[0].Name = "enroller-fleet" },
	} {
		s := example()
		change(&s)
		if d := refused(t, s, on(zitadeltest.Start(t))); d.Code != diag.BadPlacement {
			t.Errorf("%s: got %v", name, d)
		}
	}
}

func TestAPurgeTakesAwayWhatWasMadeAndARemovalNamesIt(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	deployed(t, example(), place)
	removed, err := example().Remove(t.Context(), place, harmony.Removal{})
	if err != nil || !slices.Contains(removed.Kept, "Zitadel project/harmony-fleet") || len(f.Projects) != 1 {
		t.Errorf("got %+v, %v", removed, err)
	}
	f.Users["press-07"]["machine"].(object)["description"] = "someone took it over"
	removed, err = example().Remove(t.Context(), place, harmony.Removal{Purge: true})
	if want := []string{"Zitadel machine/operator", "Zitadel machine/enroller-fleet", "Zitadel project/harmony-fleet"}; err != nil || !slices.Equal(removed.Gone, want) || len(f.Users) != 1 || len(f.Projects) != 0 {
		t.Errorf("got %+v, %v", removed, err)
	}
}

func TestWithoutMachinesTheProjectIsTheProof(t *testing.T) {
	f := zitadeltest.Start(t)
	place, s := on(f), example()
	s.Machines, s.Enrols = nil, ""
	deployed(t, s, place)
	if err := s.SmokeTest(t.Context(), place); err != nil {
		t.Error(err)
	}
	clear(f.Projects)
	var d *diag.Diagnostic
	if err := s.SmokeTest(t.Context(), place); !errors.As(err, &d) || d.Code != diag.WrongAnswer {
		t.Errorf("got %v", err)
	}
}

func TestTheAudienceIsTheProjectAndIsKnownAfterTheFirstDeploy(t *testing.T) {
	f := zitadeltest.Start(t)
	place := on(f)
	var d *diag.Diagnostic
	if _, err := example().Ref().Audience(t.Context(), place); !errors.As(err, &d) || d.Code != diag.ZitadelRefuses {
		t.Errorf("got %v", err)
	}
	deployed(t, example(), place)
	audience, err := example().Ref().Audience(t.Context(), place)
	if err != nil || f.Projects[audience] == nil {
		t.Errorf("got %q, %v", audience, err)
	}
	if until, err := time.Parse(time.RFC3339, kept(t, place, "operator")[ExpiresKey].Reveal()); err != nil || time.Until(until) < 364*24*time.Hour {
		t.Errorf("the key ends at %v, %v", until, err)
	}
}
