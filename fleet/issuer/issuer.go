// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/wait"
)

// maxBody is the largest request in bytes. An assertion has less than one KiB.
const maxBody = 64 << 10

// Issuer answers people and machines. It has no state of its own but who is about to sign in, and who failed to.
type Issuer struct {
	config   Config
	log      *slog.Logger
	registry *registry.Registry
	storage  *storage
	provider provider
	limiter  *limiter
	// administrators are watched apart: nobody who fails elsewhere, however often, keeps them waiting.
	administrators *limiter
	spread         *spread
	hashing        chan struct{}
	restored       chan struct{} // told when there is another registry, for the next start
}

// New makes an issuer over a registry. Its error is a Diagnostic with the code IssuerUnusable.
func New(c Config, r *registry.Registry) (*Issuer, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	i := &Issuer{
		config: c, log: c.Log, registry: r, storage: &storage{config: c, registry: r, logins: &logins{byID: map[string]login{}}},
		limiter: newLimiter(), administrators: newLimiter(), spread: &spread{registry: r, rate: c.ConnectsPerSecond}, hashing: make(chan struct{}, hashing),
		restored: make(chan struct{}, 1),
	}
	if i.provider, err = newProvider(c, i.storage); err != nil {
		return nil, diag.New(diag.IssuerUnusable, "url").Because(err)
	}
	return i, nil
}

// Handler is what people and machines reach.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+oidc.DiscoveryEndpoint, i.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) { op.Keys(w, r, i.storage) })
	mux.HandleFunc("POST /oauth/token", i.token)
	mux.HandleFunc("POST "+contract.JoinPath, i.join)
	mux.HandleFunc("POST "+contract.RotatePath, i.rotateKey)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.Handle("GET "+callbackPath, i.ownBrowser(http.HandlerFunc(op.AuthorizeCallbackHandler(i.provider))))
	mux.HandleFunc("GET "+loginPath, i.showLogin)
	mux.HandleFunc("POST "+loginPath, i.signIn)
	mux.HandleFunc("GET /healthz", i.health)
	mux.HandleFunc("GET /readyz", i.health)
	named := op.NewIssuerInterceptor(i.provider.IssuerFromRequest).Handler(mux)
	return http.MaxBytesHandler(named, maxBody)
}

func (i *Issuer) health(w http.ResponseWriter, _ *http.Request) {
	if err := i.registry.Check(); err != nil {
		http.Error(w, "the registry cannot be read", http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// provider is the library's, without what this issuer does not do.
type provider struct{ *op.Provider }

func newProvider(c Config, s *storage) (provider, error) {
	var key [32]byte // for codes, which live as long as this process
	rand.Read(key[:])
	options := []op.Option{op.WithCORSOptions(nil)}
	if !c.secure() {
		options = append(options, op.WithAllowInsecure())
	}
	p, err := op.NewProvider(&op.Config{CryptoKey: key, CodeMethodS256: true}, s, op.StaticIssuer(c.URL), options...)
	return provider{p}, err
}

// GrantTypeJWTAuthorizationSupported is false for the library, which would take an assertion twice: Issuer.assertions has
// this grant.
func (provider) GrantTypeJWTAuthorizationSupported() bool { return false }

func (provider) IntrospectionEndpoint() *op.Endpoint       { return nil }
func (provider) UserinfoEndpoint() *op.Endpoint            { return nil }
func (provider) RevocationEndpoint() *op.Endpoint          { return nil }
func (provider) EndSessionEndpoint() *op.Endpoint          { return nil }
func (provider) DeviceAuthorizationEndpoint() *op.Endpoint { return nil }

// discovery says what this issuer does, and no more.
func (i *Issuer) discovery(w http.ResponseWriter, r *http.Request) {
	d := op.CreateDiscoveryConfig(r.Context(), i.provider, i.storage)
	d.ResponseTypesSupported = []string{string(oidc.ResponseTypeCode)}
	d.GrantTypesSupported = []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeClientCredentials, oidc.GrantTypeBearer}
	d.ScopesSupported = []string{oidc.ScopeOpenID}
	d.ClaimsSupported = []string{"sub", "aud", "exp", "iat", "iss", "auth_time", "nonce"}
	d.IntrospectionEndpointAuthMethodsSupported, d.IntrospectionEndpointAuthSigningAlgValuesSupported = nil, nil
	d.RevocationEndpointAuthMethodsSupported, d.RevocationEndpointAuthSigningAlgValuesSupported = nil, nil
	op.Discover(w, d)
}

// housekeeping is how often keys and used assertions are looked at.
const housekeeping = time.Minute

// Run makes signing keys when it is time, and drops what nobody needs any more, until the context ends.
func (i *Issuer) Run(ctx context.Context) error {
	for {
		if err := i.tidy(time.Now()); err != nil {
			i.log.Error("the registry was not tidied", "reason", err.Error())
		}
		if err := wait.Sleep(ctx, housekeeping); err != nil {
			return nil //nolint:nilerr // it was told to stop
		}
	}
}

func (i *Issuer) tidy(now time.Time) error {
	if _, err := i.registry.Forget(now); err != nil {
		return err
	}
	if err := i.registry.ForgetJoins(now); err != nil {
		return err
	}
	keys, err := i.registry.SigningKeys(now)
	if err != nil {
		return err
	}
	at := i.config.Keys.At(keys, now)
	newest := at.Published[len(at.Published)-1]
	if now.Sub(newest.Made) >= i.config.RotateEvery {
		return i.Rotate(now)
	}
	return i.registry.DropSigningKeys(at.Published)
}

// Rotate makes a new signing key. It signs when it has been published for long enough.
func (i *Issuer) Rotate(now time.Time) error {
	if err := i.registry.AddSigningKey(now); err != nil {
		return err
	}
	i.audit("signing key", "", "", "made")
	return nil
}

// audit writes who wanted what from where, and what came of it.
func (i *Issuer) audit(what, who, from, outcome string) {
	i.log.Info("audit", "what", what, "who", who[:min(len(who), 80)], "from", from, "outcome", strings.TrimSpace(outcome))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}
