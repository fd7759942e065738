// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"regexp"

	corev1 "k8s.io/api/core/v1"
)

// A sign is how a program of Kubernetes writes that a trouble is there.
type sign struct {
	text *regexp.Regexp
	trouble
}

func signOf(text string, t trouble) sign { return sign{regexp.MustCompile("(?i)" + text), t} }

// pullSigns are in the words of containerd, CRI-O and registries. The first that matches says which.
var pullSigns = []sign{
	signOf(`no match for platform|no matching manifest|does not match the (specified )?platform|exec format error`, imageArchitecture),
	signOf(`\b401\b|\b403\b|unauthorized|authorization failed|denied|no basic auth|authentication required|failed to authorize`, imageNotAllowed),
	signOf(`manifest unknown|name unknown|not found|does not exist|\b404\b|repository .* unknown|not present`, imageMissing),
	signOf(`dial tcp|connection refused|no such host|timeout|timed out|unreachable|server misbehaving|x509|tls:|http: server gave HTTP|EOF|connection reset|bad gateway|\b50[0-9]\b`, registryUnreachable),
}

// missingSigns are in the words of the kubelet, which looks up what a Pod refers to.
var missingSigns = []sign{
	signOf(`(secret|configmap)s? "[^"]*" not found|couldn't find key|references non-existent (secret|config) key|non-existent config key|object "[^"]*" not registered`, missingReference),
}

// commandSigns are in the words of runc and crun.
var commandSigns = []sign{
	signOf(`exec format error`, imageArchitecture),
	signOf(`executable file not found|no such file or directory|permission denied|exec: |is a directory|no command specified`, cannotRun),
}

// placeSigns are in the words of the scheduler.
var placeSigns = []sign{
	signOf(`persistentvolumeclaim|unbound immediate`, claimMissing),
	signOf(`free ports`, portTaken),
	signOf(`node\.kubernetes\.io/(disk|memory|pid)-pressure`, nodeShort),
	signOf(`node\.kubernetes\.io/(not-ready|unreachable)`, noNode),
}

// admissionSigns are in the words of the API server.
var admissionSigns = []sign{
	signOf(`exceeded quota|failed quota`, podsOverQuota),
	signOf(`failed calling webhook|failed to call webhook`, podsWebhook),
	signOf(`admission webhook .* denied|violates PodSecurity|ValidatingAdmissionPolicy|MutatingAdmissionPolicy|denied the request`, podsDenied),
	signOf(`error looking up service account`, podsNoAccount),
}

// logSigns are in the words of programs: the C library, Go, Java, Python, Node.
var (
	nameSign = regexp.MustCompile(`(?i)no such host|NXDOMAIN|name resolution|name or service not known|could not translate host name|UnknownHostException|ENOTFOUND|server misbehaving|getaddrinfo`)
	portSign = regexp.MustCompile(`(?i)address already in use|EADDRINUSE|BindException`)
)

// told gives the trouble that a text is a sign of; else the other.
func told(signs []sign, text string, other trouble) trouble {
	for _, s := range signs {
		if s.text.MatchString(text) {
			return s.trouble
		}
	}
	return other
}

// waiting gives the trouble for which the kubelet does not start a container, by the reason as it writes it.
func waiting(w *corev1.ContainerStateWaiting) (trouble, bool) {
	switch w.Reason {
	case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed":
		return told(pullSigns, w.Message, imageUnavailable), true
	case "ErrImageNeverPull":
		return imageMissing, true
	case "InvalidImageName":
		return badImageName, true
	case "CreateContainerConfigError":
		return told(missingSigns, w.Message, badConfiguration), true
	case "CreateContainerError", "RunContainerError":
		return told(commandSigns, w.Message, cannotCreate), true
	}
	return trouble{}, false
}
