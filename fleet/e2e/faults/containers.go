// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"time"

	"nationtech.io/harmony/diag"
)

// inTime lets a probe that fails count before the usual limit of a deploy comes near.
const inTime = 75 * time.Second

// containers are faults of images and of what runs in containers.
func containers() []Fault {
	return append(images(), []Fault{
		{Name: "command-not-found", Score: fixed(Score{Command: []string{"/bin/nonsense"}}), Code: diag.CommandNotRunnable, Path: "container main", Cause: says(`/bin/nonsense.*no such file`)},
		{Name: "command-not-executable", Score: fixed(Score{Command: []string{"/etc/resolv.conf"}}), Code: diag.CommandNotRunnable, Path: "container main", Cause: says(`/etc/resolv.conf.*permission denied`)},
		{Name: "crash-loop", Score: fixed(Score{Args: []string{"crash", "the answer is 42"}}), Code: diag.CrashLoop, Path: "container main", Cause: says(`exit code 3.*the answer is 42`)},
		{Name: "out-of-memory", Score: fixed(Score{Args: []string{"hog"}, MemoryMax: "16Mi"}), Code: diag.OutOfMemory, Path: "container main", Cause: says(`OOMKilled`)},
		{Name: "readiness-port", Score: fixed(Score{ReadyPort: 8081}), Limit: inTime, Code: diag.ReadinessFails, Path: "container main", Cause: says(`readiness probe.*8081.*refused`)},
		{Name: "readiness-path", Score: fixed(Score{ReadyPath: "/healthz"}), Limit: inTime, Code: diag.ReadinessFails, Path: "container main", Cause: says(`readiness probe.*404`)},
		{Name: "liveness-kills-slow-start", Score: fixed(Score{Args: []string{"slow", "60"}, AlivePort: 8080}), Code: diag.LivenessKills, Path: "container main", Cause: says(`liveness probe failed`)},
		{Name: "name-not-resolved", Score: fixed(Score{Args: []string{"resolve", "database.nowhere.svc.cluster.local"}}), Code: diag.NameNotResolved, Path: "container main", Cause: says(`database\.nowhere.*no such host`)},
		{Name: "port-taken-inside", Score: fixed(Score{Args: []string{"twice"}}), Code: diag.PortTaken, Path: "container main", Cause: says(`address already in use`)},
	}...)
}

func images() []Fault {
	return []Fault{
		{Name: "image-missing", Score: func(s *Stage) Score { return Score{Image: s.Open + "/gone:1"} }, Code: diag.ImageMissing, Path: "container main", Cause: says(`gone:1.*not found`)},
		{Name: "registry-unreachable", Score: func(s *Stage) Score { return Score{Image: s.Closed + "/some:1"} }, Code: diag.RegistryUnreachable, Path: "container main", Cause: says(`connection refused`)},
		{Name: "registry-unauthorised", Score: func(s *Stage) Score { return Score{Image: s.Locked + "/some:1"} }, Code: diag.ImageNotAllowed, Path: "container main", Cause: says(`401|unauthorized|authorization failed|no basic auth`)},
		{
			Name: "image-architecture", Before: func(ctx context.Context, s *Stage) error { return pushForeign(ctx, s) },
			Score: func(s *Stage) Score { return Score{Image: s.Open + "/foreign:1"} }, Code: diag.ImageArchitecture, Path: "container main", Cause: says(`no match for platform`),
		},
		{Name: "image-name", Score: fixed(Score{Image: "Registry/NAME:tag:tag"}), Code: diag.BadImageName, Path: "container main", Cause: says(`InvalidImageName|invalid reference`)},
	}
}

// references are faults of what a Pod refers to.
func references() []Fault {
	return []Fault{
		{Name: "secret-missing", Score: fixed(Score{SecretName: "absent"}), Code: diag.ConfigurationMissing, Path: "container main", Cause: says(`secret "absent" not found`)},
		{Name: "secret-key-missing", Before: puts(given), Score: fixed(Score{SecretName: "given", SecretKey: "absent"}), Code: diag.ConfigurationMissing, Path: "container main", Cause: says(`couldn't find key absent`)},
		{Name: "configmap-missing", Score: fixed(Score{ConfigName: "absent"}), Code: diag.ConfigurationMissing, Path: "Pod/victim", Cause: says(`configmap "absent" not found`)},
		{Name: "volume-driver-missing", Score: fixed(Score{Driver: "driver.faults.example"}), Code: diag.VolumeNotMounted, Path: "Pod/victim", Cause: says(`driver\.faults\.example not found`)},
		{Name: "claim-not-provisioned", Score: fixed(Score{Class: "absent"}), Code: diag.ClaimNotProvisioned, Path: "PersistentVolumeClaim/victim", Cause: says(`(storage ?class|storageclass.storage.k8s.io)[ "]*absent`)},
		{Name: "account-missing", Score: fixed(Score{Account: "absent"}), Code: diag.ConfigurationMissing, Path: "Deployment/victim", Cause: says(`serviceaccount "absent" not found`)},
	}
}
