// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// User names that the add-ons give rights to.
const (
	// KubeletClient is the API server when it calls a kubelet.
	KubeletClient = "localkube:apiserver-kubelet-client"
	// Provisioner provisions volumes.
	Provisioner = "localkube:provisioner"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// Ensure makes what is missing of a cluster's keys, certificates and kubeconfigs.
func Ensure(c state.Cluster, s state.Spec) error {
	dir := c.Path("pki")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Failed, err, "make the directory of keys")
	}
	ca, err := OpenAuthority(dir, "ca")
	if err != nil {
		return err
	}
	front, err := OpenAuthority(dir, "front-proxy-ca")
	if err != nil {
		return err
	}
	w := writer{ca: ca, server: s.Index.APIServer(), cluster: s.Name}
	w.kubeconfig(c.Kubeconfig(), Identity{User: "kubernetes-admin", Groups: []string{"system:masters"}})
	for i, node := range s.Nodes {
		dir := c.Node(node, "pki")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fault.Wrap(fault.Failed, err, "make the directory of keys")
		}
		w.file(filepath.Join(dir, "ca.crt"), ca.PEM)
		w.node(dir, node, s.Index.Node(i))
		if i == 0 {
			w.controlPlane(c, dir, s.Index, front)
		}
	}
	return w.err
}

// writer writes what is not there yet and remembers the first error.
type writer struct {
	ca              *Authority
	server, cluster string
	err             error
}

func (w *writer) node(dir, node string, ip netip.Addr) {
	w.pair(w.ca, dir, "kubelet-serving", Identity{
		User: "system:node:" + node, Groups: []string{"system:nodes"},
		Addresses: []netip.Addr{loopback, ip}, Names: []string{node},
	})
	w.kubeconfig(filepath.Join(dir, "kubelet.kubeconfig"), Identity{User: "system:node:" + node, Groups: []string{"system:nodes"}})
	w.kubeconfig(filepath.Join(dir, "kube-proxy.kubeconfig"), Identity{User: "system:kube-proxy"})
}

func (w *writer) controlPlane(c state.Cluster, dir string, plan address.Plan, front *Authority) {
	w.pair(w.ca, dir, "apiserver", Identity{
		User:      "kube-apiserver",
		Addresses: []netip.Addr{loopback, plan.Node(0), plan.APIService()},
		Names: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		},
	})
	w.pair(w.ca, dir, "apiserver-kubelet-client", Identity{User: KubeletClient})
	w.file(filepath.Join(dir, "front-proxy-ca.crt"), front.PEM)
	w.pair(front, dir, "front-proxy-client", Identity{User: "front-proxy-client"})
	w.kubeconfig(filepath.Join(dir, "kube-controller-manager.kubeconfig"), Identity{User: "system:kube-controller-manager"})
	w.kubeconfig(filepath.Join(dir, "kube-scheduler.kubeconfig"), Identity{User: "system:kube-scheduler"})
	w.kubeconfig(filepath.Join(dir, "provisioner.kubeconfig"), Identity{User: Provisioner})
	w.serviceAccounts(dir)
	// The controller manager signs certificates that are asked for through the API.
	w.copy(c.Path("pki", "ca.key"), filepath.Join(dir, "ca.key"))
}

func (w *writer) serviceAccounts(dir string) {
	private, public := filepath.Join(dir, "service-accounts.key"), filepath.Join(dir, "service-accounts.pub")
	if w.err != nil || exists(public) {
		return
	}
	key, keyPEM, err := newKey()
	if err != nil {
		w.err = fault.Wrap(fault.Failed, err, "make the key of service accounts")
		return
	}
	der, err := publicDER(key)
	if err != nil {
		w.err = err
		return
	}
	w.whole(private, keyPEM, public, encode("PUBLIC KEY", der))
}

func publicDER(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "encode a public key")
	}
	return der, nil
}

func (w *writer) pair(a *Authority, dir, name string, id Identity) {
	certificate := filepath.Join(dir, name+".crt")
	if w.err != nil || exists(certificate) {
		return
	}
	p, err := a.Issue(id)
	if err != nil {
		w.err = err
		return
	}
	w.whole(filepath.Join(dir, name+".key"), p.Key, certificate, p.Certificate)
}

// whole writes a key and what belongs to it. That comes last: where it is
// missing, a key that lies there is of an attempt that was cut short, and goes.
func (w *writer) whole(keyFile string, key []byte, file string, content []byte) {
	if w.err = state.WriteFile(keyFile, key); w.err == nil {
		w.err = state.WriteFile(file, content)
	}
}

func (w *writer) kubeconfig(path string, id Identity) {
	if w.err != nil || exists(path) {
		return
	}
	p, err := w.ca.Issue(id)
	if err != nil {
		w.err = err
		return
	}
	content, err := kubeconfig(w.cluster, w.server, id.User, w.ca.PEM, p)
	if err != nil {
		w.err = err
		return
	}
	w.file(path, content)
}

func (w *writer) copy(from, to string) {
	if w.err != nil || exists(to) {
		return
	}
	content, err := os.ReadFile(from)
	if err != nil {
		w.err = fault.Wrap(fault.Failed, err, "copy a key")
		return
	}
	w.file(to, content)
}

// file writes a file when it is not there yet.
func (w *writer) file(path string, content []byte) {
	if w.err == nil && !exists(path) {
		w.err = state.WriteFile(path, content)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// kubeconfig is a file of that kind with one cluster, one user and one context. JSON is YAML too.
func kubeconfig(cluster, server, user string, ca []byte, p Pair) ([]byte, error) {
	type object = map[string]any
	base64 := base64.StdEncoding.EncodeToString
	content, err := json.MarshalIndent(object{
		"apiVersion": "v1", "kind": "Config", "current-context": cluster,
		"clusters": []object{{"name": cluster, "cluster": object{"server": server, "certificate-authority-data": base64(ca)}}},
		"users":    []object{{"name": user, "user": object{"client-certificate-data": base64(p.Certificate), "client-key-data": base64(p.Key)}}},
		"contexts": []object{{"name": cluster, "context": object{"cluster": cluster, "user": user}}},
	}, "", "  ")
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "encode a kubeconfig")
	}
	return append(content, '\n'), nil
}
