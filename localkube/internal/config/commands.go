// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"nationtech.io/harmony/localkube/internal/state"
)

// Names of components, as people ask for their logs.
const (
	Etcd              = "etcd"
	Containerd        = "containerd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kubelet           = "kubelet"
	Proxy             = "kube-proxy"
	Provisioner       = "provisioner"
)

// Programs is where a node has the programs that were built for it, in a directory for each piece.
const Programs = "/opt/localkube"

// Path is the search path in a node.
const Path = Programs + "/engine:" + Programs + "/shim:" + Programs + "/runc:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Home is where a node has its own directory.
const Home = "/var/lib/localkube"

// ContainerdSocket is where containerd listens in a node.
const ContainerdSocket = "/run/containerd/containerd.sock"

// VolumeProvisioner is the name by which StorageClasses refer to our provisioner.
const VolumeProvisioner = "localkube.nationtech.io/local-path"

const (
	engine     = Programs + "/engine/engine"
	pki        = Home + "/pki/"
	conf       = Home + "/conf/"
	etcdSocket = "unix:///run/localkube/etcd.sock"
	peerSocket = "unix:///run/localkube/etcd-peer.sock"
)

// Needs is what a component waits for before it is started.
type Needs struct{ APIServer, Containerd bool }

// Command is how a component is started.
type Command struct {
	Name string
	Args []string // the program first
	Needs
	Stop int // components with a lower number are stopped first
}

// Commands gives the components of the i-th node in the order of their start.
func Commands(s state.Spec, i int) []Command {
	var all []Command
	if i == 0 {
		all = append(all, etcd(s), apiServer(s))
	}
	all = append(all, containerd())
	if i == 0 {
		all = append(all, controllerManager(s), scheduler(), provisioner())
	}
	return append(all, kubelet(s, i), proxy(s, i))
}

func etcd(s state.Spec) Command {
	fsync := "-fsync=false"
	if s.Fsync {
		fsync = "-fsync=true"
	}
	return Command{Name: Etcd, Stop: 3, Args: []string{
		engine, "etcd", "-data-dir=" + Home + "/etcd", "-listen=" + etcdSocket, "-peer=" + peerSocket, fsync,
	}}
}

func containerd() Command {
	// By its own name: the shims call the program that started them to publish events.
	return Command{Name: Containerd, Stop: 3, Args: []string{Programs + "/engine/containerd", "--config", conf + "containerd.toml"}}
}

func apiServer(s state.Spec) Command {
	ip := s.Index.Node(0).String()
	return Command{Name: APIServer, Stop: 2, Args: append([]string{
		engine, "kube-apiserver",
		"--bind-address=" + ip, "--advertise-address=" + ip, "--secure-port=6443",
		"--etcd-servers=" + etcdSocket,
		"--encryption-provider-config=" + conf + "encryption.yaml",
		"--service-cluster-ip-range=" + s.Index.Services().String(),
		"--allow-privileged=true",
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--authentication-config=" + conf + "authentication.yaml",
		"--client-ca-file=" + pki + "ca.crt",
		"--tls-cert-file=" + pki + "apiserver.crt", "--tls-private-key-file=" + pki + "apiserver.key",
		"--kubelet-certificate-authority=" + pki + "ca.crt",
		"--kubelet-client-certificate=" + pki + "apiserver-kubelet-client.crt",
		"--kubelet-client-key=" + pki + "apiserver-kubelet-client.key",
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + pki + "service-accounts.pub",
		"--service-account-signing-key-file=" + pki + "service-accounts.key",
		"--requestheader-client-ca-file=" + pki + "front-proxy-ca.crt", "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + pki + "front-proxy-client.crt", "--proxy-client-key-file=" + pki + "front-proxy-client.key",
		"--endpoint-reconciler-type=lease", "--profiling=false",
	}, audit(s)...)}
}

// audit makes the API server log requests before it answers them: who sees an answer finds the request in the log.
func audit(s state.Spec) []string {
	if !s.Audit {
		return nil
	}
	return []string{
		"--audit-policy-file=" + conf + "audit.yaml", "--audit-log-path=" + Home + "/audit/audit.log", "--audit-log-mode=blocking",
		"--audit-log-maxsize=64", "--audit-log-maxbackup=3", // MB a file; with the one that is written, 256 MB
	}
}

func controllerManager(s state.Spec) Command {
	kubeconfig := pki + "kube-controller-manager.kubeconfig"
	return Command{Name: ControllerManager, Stop: 1, Needs: Needs{APIServer: true}, Args: []string{
		engine, "kube-controller-manager",
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + pki + "service-accounts.key", "--root-ca-file=" + pki + "ca.crt",
		"--cluster-signing-cert-file=" + pki + "ca.crt", "--cluster-signing-key-file=" + pki + "ca.key",
		// Each node's range follows from the address plan.
		"--allocate-node-cidrs=false", "--cluster-cidr=" + s.Index.Pods().String(),
		// At the default rate the first service account takes 8 s.
		"--kube-api-qps=500", "--kube-api-burst=1000",
		"--node-monitor-period=1s", "--node-monitor-grace-period=9s",
	}}
}

func scheduler() Command {
	kubeconfig := pki + "kube-scheduler.kubeconfig"
	return Command{Name: Scheduler, Stop: 1, Needs: Needs{APIServer: true}, Args: []string{
		engine, "kube-scheduler", "--config=" + conf + "kube-scheduler.yaml", "--bind-address=127.0.0.1",
		"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
	}}
}

func provisioner() Command {
	return Command{Name: Provisioner, Stop: 1, Needs: Needs{APIServer: true}, Args: []string{
		engine, "provisioner", "-kubeconfig=" + pki + "provisioner.kubeconfig",
		"-name=" + VolumeProvisioner, "-dir=" + Home + "/volumes",
	}}
}

func kubelet(s state.Spec, i int) Command {
	return Command{Name: Kubelet, Stop: 1, Needs: Needs{APIServer: true, Containerd: true}, Args: []string{
		engine, "kubelet", "--config=" + conf + "kubelet.yaml", "--kubeconfig=" + pki + "kubelet.kubeconfig",
		"--hostname-override=" + s.Nodes[i], "--node-ip=" + s.Index.Node(i).String(),
		"--root-dir=/var/lib/kubelet", "--cert-dir=/var/lib/kubelet/pki",
	}}
}

func proxy(s state.Spec, i int) Command {
	return Command{Name: Proxy, Stop: 1, Needs: Needs{APIServer: true}, Args: []string{
		engine, "kube-proxy", "--config=" + conf + "kube-proxy.yaml", "--hostname-override=" + s.Nodes[i],
	}}
}
