// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package link joins a cluster's nodes to the host: a bridge that carries the
// gateway address, a veth pair to each node, and the host's routes to Pods and
// Services. Everything else of a cluster's network is inside its nodes.
package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/fault"
)

// NodeEnd is the name of a node's own end.
const NodeEnd = "eth0"

// BridgeName is the name of a cluster's bridge on the host.
func BridgeName(p address.Plan) string { return fmt.Sprintf("lk%d", int(p)) }

// HostEnd is the name of the host's end of the i-th node's link.
func HostEnd(p address.Plan, i int) string { return fmt.Sprintf("lk%dn%d", int(p), i+1) }

func network(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// Bridge makes the bridge with the gateway address; one that is there is kept.
func Bridge(p address.Plan) error {
	attributes := netlink.NewLinkAttrs()
	attributes.Name = BridgeName(p)
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes}); err != nil && !isExist(err) {
		return fault.Wrap(fault.Failed, err, "make bridge %s", attributes.Name)
	}
	bridge, err := netlink.LinkByName(attributes.Name)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find bridge %s", attributes.Name)
	}
	gateway := netip.PrefixFrom(p.Gateway(), p.Nodes().Bits())
	if err := netlink.AddrReplace(bridge, &netlink.Addr{IPNet: network(gateway)}); err != nil {
		return fault.Wrap(fault.Failed, err, "give bridge %s its address", attributes.Name)
	}
	if err := netlink.LinkSetUp(bridge); err != nil {
		return fault.Wrap(fault.Failed, err, "set bridge %s up", attributes.Name)
	}
	return nil
}

// Connect joins the i-th node, whose first process is pid, to the bridge, and
// routes its Pods, and with the first node the Services, to it.
func Connect(p address.Plan, i, pid int) error {
	name := HostEnd(p, i)
	if err := remove(name); err != nil { // of a node that was killed a moment ago
		return err
	}
	attributes := netlink.NewLinkAttrs()
	attributes.Name = name
	pair := &netlink.Veth{LinkAttrs: attributes, PeerName: NodeEnd, PeerNamespace: netlink.NsPid(pid)}
	if err := netlink.LinkAdd(pair); err != nil {
		return fault.Wrap(fault.Failed, err, "make veth pair %s", name)
	}
	end, err := netlink.LinkByName(name)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find %s", name)
	}
	bridge, err := netlink.LinkByName(BridgeName(p))
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find bridge %s", BridgeName(p))
	}
	if err := netlink.LinkSetMaster(end, bridge); err != nil {
		return fault.Wrap(fault.Failed, err, "plug %s into %s", name, BridgeName(p))
	}
	if err := netlink.LinkSetUp(end); err != nil {
		return fault.Wrap(fault.Failed, err, "set %s up", name)
	}
	ranges := []netip.Prefix{p.NodePods(i)}
	if i == 0 {
		ranges = append(ranges, p.Services())
	}
	return routes(bridge, p.Node(i), ranges)
}

func routes(through netlink.Link, gateway netip.Addr, ranges []netip.Prefix) error {
	for _, r := range ranges {
		route := &netlink.Route{LinkIndex: through.Attrs().Index, Dst: network(r), Gw: gateway.AsSlice()}
		if err := netlink.RouteReplace(route); err != nil {
			return fault.Wrap(fault.Failed, err, "route %s through %s", r, gateway)
		}
	}
	return nil
}

// Cut takes the cable of the i-th node out.
func Cut(p address.Plan, i int) error { return set(HostEnd(p, i), netlink.LinkSetDown) }

// Mend puts it back.
func Mend(p address.Plan, i int) error { return set(HostEnd(p, i), netlink.LinkSetUp) }

func set(name string, change func(netlink.Link) error) error {
	end, err := netlink.LinkByName(name)
	if err != nil {
		return fault.Wrap(fault.Absent, err, "find %s", name)
	}
	if err := change(end); err != nil {
		return fault.Wrap(fault.Failed, err, "change %s", name)
	}
	return nil
}

// Remove removes the bridge, and the links of nodes that are still there. Routes go with them.
func Remove(p address.Plan) error {
	for i := range address.MaxNodes {
		if err := remove(HostEnd(p, i)); err != nil {
			return err
		}
	}
	return remove(BridgeName(p))
}

func remove(name string) error {
	found, err := netlink.LinkByName(name)
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find %s", name)
	}
	// The end of a veth pair whose node dies goes by itself, maybe just now.
	if err := netlink.LinkDel(found); err != nil && !isAbsent(err) && !isNoDevice(err) {
		return fault.Wrap(fault.Failed, err, "remove %s", name)
	}
	return nil
}

func isAbsent(err error) bool {
	var notFound netlink.LinkNotFoundError
	return errors.As(err, &notFound)
}

// InUse gives the ranges that the host's routes lead to, its own networks among them.
func InUse() ([]netip.Prefix, error) {
	list, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "list the host's routes")
	}
	var ranges []netip.Prefix
	for _, r := range list {
		if r.Dst == nil {
			continue
		}
		if addr, ok := netip.AddrFromSlice(r.Dst.IP); ok {
			ones, _ := r.Dst.Mask.Size()
			ranges = append(ranges, netip.PrefixFrom(addr.Unmap(), ones))
		}
	}
	return ranges, nil
}
