// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// paper is a place that is written down, and of which one socket answers.
type paper struct {
	*kube.Export
	address string
}

func (p paper) Kubernetes() kube.Cluster { return answering{p.Cluster(nil), p.address} }
func (paper) Charts() chart.Store        { return chart.Fetcher{} }

type answering struct {
	kube.Cluster
	address string
}

func (a answering) Dial(ctx context.Context, to kube.Service) (net.Conn, error) {
	if a.address == "" {
		return nil, diag.New(diag.NoService, "Service/"+to.Name)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", a.address)
}

func example() Score {
	return Score{
		Namespace: "demo", Domain: "id.example.com", Chart: chart.Reference{Source: "testdata/zitadel", Name: "zitadel", Version: "0.0.1"},
		Database: Database{Host: "postgres.demo.svc", Passwords: "zitadel-database"},
	}
}

func drawn(t *testing.T, s Score) []kube.Exported {
	t.Helper()
	on := paper{Export: kube.NewExport(func(kube.Credential) secret.Value { return secret.New("a-seed") })}
	if _, err := s.Interpret(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	all, err := on.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func names(all []kube.Exported) (names []string) {
	for _, o := range all {
		names = append(names, o.String())
	}
	return names
}

func data(t *testing.T, all []kube.Exported, name string) map[string]any {
	t.Helper()
	i := slices.Index(names(all), name)
	if i < 0 {
		t.Fatalf("there is no %s in %v", name, names(all))
	}
	content, _ := all[i].Content["data"].(map[string]any)
	return content
}

func TestTheDatabaseIsSetUpBeforeTheServersStart(t *testing.T) {
	all := names(drawn(t, example()))
	order := []string{"ConfigMap/zitadel-config-yaml", "Job/zitadel-init", "Job/zitadel-setup", "Deployment/zitadel"}
	if got := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return !slices.Contains(order, n) }); !slices.Equal(got, order) {
		t.Errorf("the order is %v", all)
	}
	if slices.Contains(all, "Job/zitadel-cleanup") {
		t.Error("a job that would run after the removal is applied")
	}
}

func TestZitadelReadsItsDomainAndItsDatabase(t *testing.T) {
	s := example()
	s.Port, s.Database.SSL = 8443, "require"
	text, _ := data(t, drawn(t, s), "ConfigMap/zitadel-config-yaml")["zitadel-config-yaml"].(string)
	var got struct {
		ExternalDomain string
		ExternalPort   int
		ExternalSecure bool
		Database       struct {
			Postgres struct {
				Host, Database string
				User, Admin    struct {
					Username string
					SSL      struct{ Mode string }
				}
			}
		}
		FirstInstance struct {
			Org struct {
				Machine struct{ Machine struct{ Username string } }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p := got.Database.Postgres
	if got.ExternalDomain != "id.example.com" || got.ExternalPort != 8443 || !got.ExternalSecure || p.Host != "postgres.demo.svc" || p.Database != "zitadel" ||
		p.User.Username != "zitadel" || p.Admin.Username != "postgres" || p.User.SSL.Mode != "require" || got.FirstInstance.Org.Machine.Machine.Username != "iam-admin" {
		t.Errorf("got %+v\n%s", got, text)
	}
}

func TestTheMasterKeyHas32BytesAndStaysTheSame(t *testing.T) {
	a, b := derived(secret.New("a")), derived(secret.New("b"))
	if len(a.Reveal()) != 32 || a.Equal(b) || !a.Equal(derived(secret.New("a"))) {
		t.Errorf("%d bytes", len(a.Reveal()))
	}
	all := drawn(t, example())
	if data(t, all, "Secret/zitadel-masterkey")["masterkey"] == nil {
		t.Error("there is no master key")
	}
	for _, o := range all {
		if o.String() == "Secret/zitadel-masterkey-seed" && !o.Data {
			t.Error("what the database is encrypted with is no data")
		}
		if text, err := yaml.Marshal(o.Content); err != nil || !o.IsSecret() && strings.Contains(string(text), derived(secret.New("a-seed")).Reveal()) {
			t.Errorf("the master key is in %s", o)
		}
	}
}

func TestAValueOfTheScorePutsOverThePresetAndIsHeldToTheChart(t *testing.T) {
	s := example()
	s.Values = values{"image": values{"tag": "v9"}}
	drawn(t, s)
	s.Values = values{"images": values{"tag": "v9"}}
	_, err := s.Interpret(t.Context(), paper{Export: kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} })})
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.ValueUnknown {
		t.Errorf("got %v", err)
	}
}

func TestAZitadelThatSaysTooLittleIsRefused(t *testing.T) {
	var d *diag.Diagnostic
	if err := (Score{Port: -1}).check(); !errors.As(err, &d) || len(d.Evidence) != 5 {
		t.Errorf("got %v", err)
	}
}

func TestTheIssuerIsNamedWithItsPortWhereThatIsNotTheUsualOne(t *testing.T) {
	for want, r := range map[string]Ref{
		"https://id.example.com":      {Domain: "id.example.com"},
		"https://id.example.com:8443": {Domain: "id.example.com", Port: 8443},
		"http://id.example.com":       {Domain: "id.example.com", Insecure: true},
		"http://id.example.com:8080":  {Domain: "id.example.com", Insecure: true, Port: 8080},
	} {
		if got := r.IssuerURL(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTheSmokeTestAsksWhoItIs(t *testing.T) {
	issuer := "https://id.example.com"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "id.example.com" || r.Header.Get("X-Forwarded-Proto") != "https" || r.URL.Path != "/.well-known/openid-configuration" {
			http.Error(w, "unknown instance", http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"issuer": %q}`, issuer)
	}))
	defer server.Close()
	on := paper{kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} }), server.Listener.Addr().String()}
	if err := example().SmokeTest(t.Context(), on); err != nil {
		t.Error(err)
	}
	issuer = "https://other.example.com"
	var d *diag.Diagnostic
	if err := example().SmokeTest(t.Context(), on); !errors.As(err, &d) || d.Code != diag.WrongAnswer {
		t.Errorf("got %v", err)
	}
	on.address = ""
	if err := example().SmokeTest(t.Context(), on); !errors.As(err, &d) || d.Code != diag.NobodyAnswered {
		t.Errorf("got %v", err)
	}
}
