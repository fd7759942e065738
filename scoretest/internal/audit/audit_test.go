// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/scoretest/internal/audit"
)

// recorded is what an API server of localkube wrote while kubectl was at work.
const (
	recorded = audit.Log("testdata/audit.log")
	admin    = "kubernetes-admin"
	account  = "system:serviceaccount:default:default"
)

func at(t *testing.T, clock string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, "2026-11-25T"+clock+"Z")
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func lines(entries []audit.Entry) (all []string) {
	for _, e := range entries {
		uri, _, _ := strings.Cut(e.URI, "&field")
		all = append(all, strings.TrimPrefix(audit.Entry{User: e.User, Verb: e.Verb, URI: uri, Code: e.Code}.String(), e.User+": "))
	}
	return all
}

func TestWritesAreWhatIsNeitherAReadNorADryRun(t *testing.T) {
	const maps = "/api/v1/namespaces/default/configmaps"
	for name, c := range map[string]struct {
		user, since string
		want        []string
	}{
		"succeeded or not": {admin, "00:00:00", []string{
			"create " + maps + "?fieldManager=kubectl-create: 201", "patch " + maps + "/wet?fieldManager=kubectl-label: 200",
			"delete " + maps + "/wet: 200", // a dry run by its body
			"delete " + maps + "/wet: 200", "delete " + maps + "/none: 404",
		}},
		"since then": {admin, "03:51:12", []string{"delete " + maps + "/wet: 200", "delete " + maps + "/none: 404"}},
		"of one who was impersonated": {account, "00:00:00", []string{
			"create " + maps + "?fieldManager=kubectl-create: 403", "create /apis/authorization.k8s.io/v1/selfsubjectaccessreviews: 201",
		}},
		"of nobody": {"nobody", "00:00:00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := recorded.Writes(c.user, at(t, c.since))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, lines(found)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEntriesAreAllRequests(t *testing.T) {
	found, err := recorded.Entries(admin, at(t, "03:51:06"))
	if err != nil || len(found) != 9 {
		t.Fatalf("%v, %d: %q", err, len(found), lines(found))
	}
	if e := found[1]; !e.Dry() || e.Writes() || e.Resource != "configmaps" {
		t.Errorf("%+v is a dry run", e)
	}
}

func TestAnyOtherValueOfDryRunIsNoDryRun(t *testing.T) {
	for uri, dry := range map[string]bool{"/x?dryRun=All": true, "/x?a=b&dryRun=All": true, "/x?dryRun=": false, "/x?dryRun=none": false, "/x?dryrun=All": false, "/x": false} {
		if e := (audit.Entry{Verb: "patch", URI: uri}); e.Dry() != dry || e.Writes() == dry {
			t.Errorf("%s: dry %t, writes %t", uri, e.Dry(), e.Writes())
		}
	}
}

// split writes the recorded log as a server does that has begun a new file, and is writing a line.
func split(t *testing.T) audit.Log {
	t.Helper()
	content, err := os.ReadFile(string(recorded))
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.SplitAfter(content, []byte("\n"))
	dir := t.TempDir()
	for name, part := range map[string][][]byte{
		"audit-2026-11-25T03-51-08.700.log": all[:6], "audit.log": append(all[6:len(all)-1:len(all)-1], []byte(`{"verb":"cre`)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Join(part, nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return audit.Log(filepath.Join(dir, "audit.log"))
}

func TestOlderFilesAreReadAndAMissingPastIsSaid(t *testing.T) {
	since := at(t, "03:51:01")
	want, err := recorded.Entries(admin, since)
	if err != nil {
		t.Fatal(err)
	}
	log := split(t)
	if found, err := log.Entries(admin, since); err != nil || !cmp.Equal(want, found) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, found))
	}
	_, err = log.Entries(admin, at(t, "00:00:00"))
	if _, forgotten := errors.AsType[*audit.ForgottenError](err); !forgotten {
		t.Errorf("got %v, want that the log begins later", err)
	}
}
