// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hydratest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

// Hydra is one that runs.
type Hydra struct {
	URL   string
	admin string
	t     testing.TB
	// known are the ids under which Hydra keeps the keys of machines.
	mu    sync.Mutex
	known map[string]string
}

const (
	client = "harmony-fleet-agent"
	// upLimit is generous: Hydra makes its tables and its keys first.
	upLimit = 2 * time.Minute
)

// Start runs a Hydra that knows nobody. It ends with the test.
func Start(t testing.TB) *Hydra {
	t.Helper()
	program := needs.Hydra(t)
	public, admin := freePort(t), freePort(t)
	h := &Hydra{t: t, URL: fmt.Sprintf("http://127.0.0.1:%d", public), admin: fmt.Sprintf("http://127.0.0.1:%d", admin), known: map[string]string{}}
	file := filepath.Join(t.TempDir(), "hydra.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, public, admin, h.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	//nolint:noctx // it is told to end, and not killed
	process := exec.Command(program, "serve", "all", "--dev", "--sqa-opt-out", "--config", file)
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait() // by then the test is over
		if t.Failed() {
			t.Logf("Hydra says:\n%s", log)
		}
	})
	err := wait.Until(t.Context(), "Hydra to be ready", wait.Pace{Limit: upLimit}, func(ctx context.Context) (string, bool, error) {
		status, said, err := h.send(ctx, http.MethodGet, h.URL+"/health/ready", nil)
		if err != nil {
			return err.Error(), false, nil
		}
		return string(said), status == http.StatusOK, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// It would make keys of RSA when it is asked for them, which takes longer than callouts wait.
	for _, set := range []string{"hydra.openid.id-token", "hydra.jwt.access-token"} {
		h.ask(http.MethodPost, "/admin/keys/"+set, map[string]any{"alg": "ES256", "use": "sig", "kid": set})
	}
	h.ask(http.MethodPost, "/admin/clients", map[string]any{
		"client_id": client, "grant_types": []string{"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "token_endpoint_auth_method": "none",
		"scope": fmt.Sprintf("%s %s %s", contract.RoleDevice, contract.RoleOperator, contract.RoleReader),
	})
	return h
}

// config has tokens that can be verified without asking, and publishes the keys for that.
const config = `dsn: memory
log: {level: warn}
serve:
  public: {host: 127.0.0.1, port: %d}
  admin: {host: 127.0.0.1, port: %d}
urls: {self: {issuer: %q}}
strategies: {access_token: jwt}
ttl: {access_token: 10m}
secrets: {system: [a secret that no other Hydra has]}
webfinger: {jwks: {broadcast_keys: [hydra.openid.id-token, hydra.jwt.access-token]}}
`

// Facts are what callouts and agents are told of it, for machines of that role. Its assertions are for the endpoint of tokens, and
// so are the tokens.
func (h *Hydra) Facts(role contract.Role) identity.Facts {
	endpoint := h.URL + "/oauth2/token"
	return identity.Facts{
		Issuer: h.URL, DeviceClaim: "sub", RolesClaim: "scp", Audience: endpoint, Scope: string(role), AssertionAudience: endpoint, Client: client,
	}
}

// ask has its administration do something, and gives what it answers.
func (h *Hydra) ask(method, path string, body any) []byte {
	h.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	status, said, err := h.send(h.t.Context(), method, h.admin+path, text)
	if err != nil || status >= http.StatusBadRequest {
		h.t.Fatalf("%s %s: %v, %d %s", method, path, err, status, said)
	}
	return said
}

func (*Hydra) send(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
	asked, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("ask Hydra: %w", err)
	}
	asked.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		return 0, nil, fmt.Errorf("ask Hydra: %w", err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("read what Hydra says: %w", err)
	}
	return answer.StatusCode, said, nil
}

func freePort(t testing.TB) int {
	t.Helper()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}
