// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"

	"k8s.io/apimachinery/pkg/api/resource"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/score/nats/internal/conf"
)

// ChartPlace is what a NATS of the upstream chart needs: no images are built for it.
type ChartPlace interface {
	kube.Place
	chart.Place
	messaging.Place
}

// Chart is the same servers by the chart nats of https://nats-io.github.io/k8s: the servers read the configuration that
// Score would have written, and clients find them by the same Ref. Everything that is not the fleet's concern, such as the
// image, is the chart's own.
type Chart struct {
	Server Score
	Chart  chart.Reference
	// Values are merged over those of the preset; a list replaces the preset's.
	Values map[string]any
}

var (
	_ harmony.Score[ChartPlace]   = Chart{}
	_ harmony.Remover[ChartPlace] = Chart{}
)

// Name is the title of the servers.
func (c Chart) Name() string { return c.Server.Name() }

// Ref refers to this NATS.
func (c Chart) Ref() Ref { return c.Server.Ref() }

// Interpret makes the servers stand and run the wanted configuration.
func (c Chart) Interpret(ctx context.Context, on ChartPlace) (harmony.Outcome, error) {
	s := c.Server
	if err := s.check(); err != nil {
		return harmony.Outcome{}, err
	}
	kept, generated, err := s.keep(ctx, on.Kubernetes())
	if err != nil {
		return generated, err
	}
	kept.dir = chartConfigDir
	config, err := s.config(kept)
	if err != nil {
		return generated, err
	}
	dropped, err := s.dropped(ctx, on.Kubernetes())
	if err != nil {
		return generated, err
	}
	applied, err := c.chart(config, kept).Interpret(ctx, on)
	applied.Changes = append(generated.Changes, applied.Changes...)
	if err != nil {
		return applied, err
	}
	applied.Changes = append(applied.Changes, dropped...)
	return applied, on.Messaging().Reload(ctx, s.Ref().Login(systemUser), s.running(config))
}

// SmokeTest is that of Score.
func (c Chart) SmokeTest(ctx context.Context, on ChartPlace) error { return c.Server.proof(ctx, on) }

// Remove takes the servers away. Volume claims and credentials are data.
func (c Chart) Remove(ctx context.Context, on ChartPlace, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, c.Server.inventory(), how)
}

// chartConfigDir is where the chart's Pods have the servers' configuration; the chart has one of its own in configDir.
const chartConfigDir = "/etc/nats-server"

func (c Chart) chart(config conf.File, kept kept) helmchart.Score {
	s := c.Server
	with := []kube.Object{s.configSecret(config, kept)}
	if s.OutsidePort > 0 {
		with = append(with, s.outsideService())
	}
	return helmchart.Score{
		Namespace: s.Namespace, Title: s.Name(), Chart: c.Chart, With: with,
		Values: helmchart.Over(c.preset(config), c.Values), Open: []string{"config.merge", "container.merge", "podTemplate.merge"},
	}
}

type values = map[string]any

// preset is what the fleet asks of the chart. Its own configuration is read last, and so decides: the chart's values
// only make the Pods and the volumes that go with it. A Secret is mounted for it, because the chart's ConfigMap would show
// passwords.
func (c Chart) preset(config conf.File) values {
	s := c.Server
	file := values{"pvc": values{"size": resource.NewQuantity(s.bytes(), resource.BinarySI).String()}}
	if s.Store.Class != "" {
		file["pvc"].(values)["storageClassName"] = s.Store.Class
	}
	cluster := values{"enabled": s.replicas() > 1}
	if s.replicas() > 1 {
		cluster["replicas"] = s.replicas()
	}
	return values{
		"fullnameOverride": s.Name(),
		"config": values{
			"cluster": cluster, "jetstream": values{"enabled": true, "fileStore": file},
			"merge": values{"zzz$include": "../nats-server/" + configFile},
		},
		"container":   values{"merge": values{"securityContext": contained(), "resources": bounds(), "startupProbe": startup()}, "patch": appended("/volumeMounts/-", values{"name": "server", "mountPath": chartConfigDir, "readOnly": true})},
		"podTemplate": values{"merge": c.pod(config), "patch": appended("/spec/volumes/-", values{"name": "server", "secret": values{"secretName": s.configName(), "defaultMode": 0o440}})},
		// Harmony tells the servers of a new configuration by itself, and needs no other Pod for it.
		"reloader": values{"enabled": false},
		"natsBox":  values{"enabled": false},
	}
}

// pod is what the chart's Pods lack by themselves, in a namespace that enforces Pod Security.
func (c Chart) pod(config conf.File) values {
	return values{
		"metadata": values{"annotations": values{restartAnnotation: config.Restart}},
		"spec": values{
			"automountServiceAccountToken": false,
			"securityContext": values{
				"runAsNonRoot": true, "runAsUser": nonroot, "runAsGroup": nonroot, "fsGroup": nonroot,
				"seccompProfile": values{"type": "RuntimeDefault"},
			},
		},
	}
}

func contained() values {
	return values{"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": values{"drop": []string{"ALL"}}}
}

// startup is the Score's: servers whose routes change meet one another only when the second one has (ADR 0099).
func startup() values {
	return values{"httpGet": values{"path": aliveAlone, "port": "monitor"}, "periodSeconds": 1, "failureThreshold": 120, "timeoutSeconds": 2}
}

func bounds() values {
	return values{"requests": values{"cpu": "50m", "memory": "64Mi"}, "limits": values{"cpu": "1", "memory": "512Mi"}}
}

// appended is a JSON patch, as the chart takes it.
func appended(path string, value values) []any {
	return []any{values{"op": "add", "path": path, "value": value}}
}
