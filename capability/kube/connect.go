// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	utilnet "k8s.io/apimachinery/pkg/util/net"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// manager is the one field manager under which Harmony applies.
const manager = "harmony"

// Options say which cluster to reach and as whom. The first of Config, Content
// and Kubeconfig that is set is used; without any of them $KUBECONFIG,
// ~/.kube/config and the Pod's own service account are tried, as kubectl does.
type Options struct {
	Config     *rest.Config
	Content    []byte // a kubeconfig
	Kubeconfig string // the path of one
	Context    string // of the kubeconfig; its current one when empty

	Version string       // of Harmony, noted in the inventories
	Log     *slog.Logger // takes the API server's warnings; nil discards them
}

// A Client is a cluster that is reached through its API server.
type Client struct {
	config  *rest.Config
	http    *http.Client
	objects dynamic.Interface
	core    *rest.RESTClient
	kinds   *kinds
	version string
	known   known
	leased  sync.Map // the UIDs of the Leases that runs of this client hold
}

var _ Cluster = (*Client)(nil)

// quiet keeps client-go from writing to standard error, where a program's own words are. What went wrong comes back as an
// error anyway; client-go has one log for the whole process, and none for each client.
var quiet = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })

// Connect prepares a client; it sends no request. Its errors carry the code BadKubeconfig. The first one silences klog,
// client-go's log, in the whole process.
func Connect(options Options) (*Client, error) {
	quiet()
	config, err := options.load()
	if err != nil {
		return nil, err
	}
	config = tuned(config, options)
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw("its credentials cannot be used").Because(err)
	}
	objects, err := dynamic.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Because(err)
	}
	core, err := coreClient(config, httpClient)
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Because(err)
	}
	found, err := discovery.NewDiscoveryClientForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Because(err)
	}
	return &Client{
		config: config, http: httpClient, objects: objects, core: core,
		kinds: &kinds{discovery: found}, version: options.Version,
	}, nil
}

// Config is a copy of how the API server is reached, for what looks at a cluster beside Harmony: tests, as a
// stranger would. Scores have no use for it; they see a Cluster.
func (c *Client) Config() *rest.Config { return rest.CopyConfig(c.config) }

// Host is the URL of the API server.
func (c *Client) Host() string { return c.config.Host }

// Answers sends one cheap request and returns nil when the API server answers and accepts the
// credentials. Its errors carry the codes APIUnreachable, Forbidden, BadKubeconfig, OtherCluster or CertificateExpired.
func (c *Client) Answers(ctx context.Context) error {
	_, err := c.core.Get().AbsPath("/version").DoRaw(ctx)
	return failed(ctx, err, attempt{verb: "tell its version"})
}

// Close gives idle connections back.
func (c *Client) Close() { utilnet.CloseIdleConnectionsFor(c.http.Transport) }

// tuned is a copy of config that may send as much as a deploy needs at once:
// client-go's defaults (5 a second) are made for controllers that run for ever.
func tuned(config *rest.Config, options Options) *rest.Config {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 1000, 2000
	config.UserAgent = manager + "/" + orElse(options.Version, "unknown")
	config.WarningHandler = warnings{options.Log}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return dated{next, rest.CopyConfig(config)} })
	return config
}

// warnings sends what the API server warns of to the log.
type warnings struct{ log *slog.Logger }

func (w warnings) HandleWarningHeader(code int, _ string, text string) {
	if w.log != nil && code == 299 {
		w.log.Warn("the API server warns", "text", text)
	}
}

// known remembers what this process generated, by inventory: the Secrets' names, for
// the record; and the values of all Secrets that it read, so that no evidence shows them.
type known struct {
	mu      sync.Mutex
	secrets map[Inventory]map[string]bool
	values  []secret.Value
}

func (k *known) note(inventory Inventory, name string, values map[string]secret.Value) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secrets == nil {
		k.secrets = map[Inventory]map[string]bool{}
	}
	if k.secrets[inventory] == nil {
		k.secrets[inventory] = map[string]bool{}
	}
	k.secrets[inventory][name] = true
	k.hide(values)
}

// see notes values that were read and that no evidence may show.
func (k *known) see(values map[string]secret.Value) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hide(values)
}

// hide notes values that no evidence may show. The caller holds the lock.
func (k *known) hide(values map[string]secret.Value) {
	for _, v := range values {
		if !slices.ContainsFunc(k.values, v.Equal) {
			k.values = append(k.values, v)
		}
	}
}

func (k *known) names(inventory Inventory) (names []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name := range k.secrets[inventory] {
		names = append(names, name)
	}
	return names
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
