// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/secret"
)

// Place is what Zitadel needs: objects applied and reached, and its chart.
type Place = helmchart.Place

// Score is a Zitadel.
type Score struct {
	Namespace string
	// Title is the component's name and the name of its objects; "zitadel" when empty.
	Title string
	// Chart is where the chart zitadel is from, pinned.
	Chart chart.Reference
	// Domain is the host under which everyone reaches it: id.example.com. It cannot be changed later without losing all
	// logins that know it.
	Domain string
	// Port is the one under which everyone reaches it; 443 when zero, or 80 when it is Insecure.
	Port int
	// Insecure tells that nothing ends TLS before it.
	Insecure bool
	Database Database
	// Replicas is 1 when zero.
	Replicas int
	// NoLogin leaves out the login pages, which are a program of their own. Machines need none.
	NoLogin bool
	// Values are put over those of the preset: resources, an ingress, another image.
	Values map[string]any
}

// Database is the PostgreSQL that Zitadel keeps everything in.
type Database struct {
	Host string
	Port int    // 5432 when zero
	Name string // zitadel when empty
	// User is whom Zitadel logs in as; zitadel when empty. Admin, who makes the user and the database, is postgres when empty.
	User, Admin string
	// Passwords names a Secret in the namespace with the keys UserPasswordKey and AdminPasswordKey.
	Passwords string
	// SSL is the mode of both: disable, require or verify-full, which is meant when it is empty.
	SSL string
}

// The keys of the Secret with the passwords of the database. They are the names by which Zitadel reads its environment.
const (
	UserPasswordKey  = "ZITADEL_DATABASE_POSTGRES_USER_PASSWORD"
	AdminPasswordKey = "ZITADEL_DATABASE_POSTGRES_ADMIN_PASSWORD"
)

const (
	defaultTitle = "zitadel"
	// masterKey is the key of the Secret with what everything in the database is encrypted with: 32 bytes, as Zitadel asks.
	masterKey = "masterkey"
	seedKey   = "seed"
)

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is the title.
func (s Score) Name() string { return s.Ref().Name }

// Interpret makes Zitadel stand: its database is set up by jobs of the chart before the servers start.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	if err := s.check(); err != nil {
		return harmony.Outcome{}, err
	}
	seed, generated, err := on.Kubernetes().Generate(ctx, s.inventory(), s.Name()+"-masterkey-seed", seedKey)
	if err != nil {
		return generated, err
	}
	applied, err := s.chart(seed[seedKey]).Interpret(ctx, on)
	applied.Changes = append(generated.Changes, applied.Changes...)
	return applied, err
}

// Remove takes Zitadel away. The seed of its master key is data; the database is someone else's, and so are the Secrets that
// the chart's jobs have made.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s Score) chart(seed secret.Value) helmchart.Score {
	master := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name() + "-masterkey"},
		Data:       map[string][]byte{masterKey: []byte(derived(seed).Reveal())},
	}
	return helmchart.Score{
		Namespace: s.Namespace, Title: s.Name(), Chart: s.Chart, With: []kube.Object{master}, Hooks: helmchart.RunHooks,
		Values: helmchart.Over(s.preset(), s.Values),
		Open:   []string{"zitadel.configmapConfig", "podSecurityContext", "securityContext"},
	}
}

// derived makes 32 bytes of a seed, which has fewer and is never changed.
func derived(seed secret.Value) secret.Value {
	sum := sha256.Sum256([]byte("zitadel master key " + seed.Reveal()))
	return secret.New(hex.EncodeToString(sum[:])[:32])
}

func (s Score) check() error {
	bad := diag.New(diag.BadPlacement, s.Name())
	for what, missing := range map[string]bool{
		"no domain is given": s.Domain == "", "no host of the database is given": s.Database.Host == "",
		"no Secret with the passwords of the database is given": s.Database.Passwords == "", "no namespace is given": s.Namespace == "",
	} {
		if missing {
			bad.Saw(what)
		}
	}
	if s.Port < 0 || s.Port > 65535 {
		bad.Saw(fmt.Sprintf("the port is %d", s.Port))
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
