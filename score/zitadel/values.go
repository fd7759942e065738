// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package zitadel

import "cmp"

type values = map[string]any

const (
	// administrator is the machine user that the chart's set-up job makes first, and puts the token of into a Secret.
	administrator = "iam-admin"
	// tokenEnds is when that token does. It is in a value, which must not change with the day of a deploy.
	tokenEnds = "2036-01-01T00:00:00Z"
)

// preset is what Harmony asks of the chart.
func (s Score) preset() values {
	return values{
		"fullnameOverride": s.Name(),
		"replicaCount":     max(s.Replicas, 1),
		"zitadel": values{
			"masterkeySecretName": s.Name() + "-masterkey",
			"configmapConfig":     s.config(),
		},
		"envVarsSecret":      s.Database.Passwords,
		"podSecurityContext": values{"seccompProfile": values{"type": "RuntimeDefault"}},
		"securityContext":    values{"allowPrivilegeEscalation": false, "capabilities": values{"drop": []string{"ALL"}}},
		"login":              values{"enabled": !s.NoLogin},
		// It would run after a removal, which Harmony does not know; what it takes away is named in the documentation.
		"cleanupJob": values{"enabled": false},
	}
}

// config is what Zitadel itself reads, by its own names: https://github.com/zitadel/zitadel/blob/main/cmd/defaults.yaml
func (s Score) config() values {
	d := s.Database
	as := func(user string) values {
		return values{"Username": user, "SSL": values{"Mode": cmp.Or(d.SSL, "verify-full")}}
	}
	return values{
		"ExternalDomain": s.Domain, "ExternalPort": s.Ref().port(), "ExternalSecure": !s.Insecure,
		"TLS": values{"Enabled": false},
		"Database": values{"Postgres": values{
			"Host": d.Host, "Port": cmp.Or(d.Port, 5432), "Database": cmp.Or(d.Name, "zitadel"),
			"User": as(cmp.Or(d.User, "zitadel")), "Admin": as(cmp.Or(d.Admin, "postgres")),
		}},
		"FirstInstance": values{"Org": values{"Machine": values{
			"Machine": values{"Username": administrator, "Name": "Harmony"},
			"Pat":     values{"ExpirationDate": tokenEnds},
		}}},
	}
}
