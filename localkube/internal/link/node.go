// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package link

import (
	"errors"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink"

	"nationtech.io/harmony/localkube/internal/address"
	"nationtech.io/harmony/localkube/internal/fault"
)

func isExist(err error) bool    { return errors.Is(err, syscall.EEXIST) }
func isNoDevice(err error) bool { return errors.Is(err, syscall.ENODEV) }

// SetUpNode gives the i-th node its address and its routes to the gateway and to
// the Pods of all other nodes that there may ever be. It runs inside the node.
func SetUpNode(p address.Plan, i int) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find the loopback device")
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return fault.Wrap(fault.Failed, err, "set the loopback device up")
	}
	end, err := netlink.LinkByName(NodeEnd)
	if err != nil {
		return fault.Wrap(fault.Failed, err, "find the node's link")
	}
	own := netip.PrefixFrom(p.Node(i), p.Nodes().Bits())
	if err := netlink.AddrAdd(end, &netlink.Addr{IPNet: network(own)}); err != nil {
		return fault.Wrap(fault.Failed, err, "give the node its address")
	}
	if err := netlink.LinkSetUp(end); err != nil {
		return fault.Wrap(fault.Failed, err, "set the node's link up")
	}
	everything := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if err := routes(end, p.Gateway(), []netip.Prefix{everything}); err != nil {
		return err
	}
	for other := range address.MaxNodes {
		if other != i {
			if err := routes(end, p.Node(other), []netip.Prefix{p.NodePods(other)}); err != nil {
				return err
			}
		}
	}
	return nil
}
