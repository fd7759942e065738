// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

var (
	errNoNode     = errors.New("no node is selected: the StorageClass must wait for the first consumer")
	errAccessMode = errors.New("a directory of one node can be used on that node only: want ReadWriteOnce or ReadWriteOncePod")
	errSelector   = errors.New("a claim with a selector cannot be provisioned")
	errBlock      = errors.New("raw block volumes are not supported")
)

// runProvisioner serves PersistentVolumeClaims of one provisioner name until ctx ends.
func runProvisioner(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("provisioner", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "file with the address of the API server and our identity")
	name := flags.String("name", "", "provisioner name that StorageClasses refer to")
	dir := flags.String("dir", "", "directory of volumes, one directory a node below it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx = klog.NewContext(ctx, klog.Background())
	controller.NewProvisionController(ctx, client, *name, directories{root: *dir},
		controller.LeaderElection(false), // there is one of us in a cluster
		controller.MetricsPort(0),
		// A claim can come before its node is writable, just after a start: try again soon.
		controller.RateLimiter(workqueue.NewTypedItemExponentialFailureRateLimiter[string](200*time.Millisecond, 30*time.Second)),
	).Run(ctx)
	return nil
}

// directories provisions a directory below root/NODE for each volume.
type directories struct{ root string }

var (
	_ controller.Provisioner      = directories{}
	_ controller.BlockProvisioner = directories{}
)

func (directories) SupportsBlock(context.Context) bool { return false }

// Provision makes the directory and describes it as a local volume bound to its node.
func (d directories) Provision(_ context.Context, o controller.ProvisionOptions) (*core.PersistentVolume, controller.ProvisioningState, error) {
	if err := provisionable(o); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	path := filepath.Join(d.root, o.SelectedNodeName, o.PVName)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// Any user of a Pod may write, as on a freshly attached disk with no
	// fsGroup wish; the parents keep the host's other users out.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return volume(o, path), controller.ProvisioningFinished, nil
}

func provisionable(o controller.ProvisionOptions) error {
	if o.SelectedNodeName == "" {
		return errNoNode
	}
	if o.PVC.Spec.Selector != nil {
		return errSelector
	}
	if m := o.PVC.Spec.VolumeMode; m != nil && *m == core.PersistentVolumeBlock {
		return errBlock
	}
	for _, mode := range o.PVC.Spec.AccessModes {
		if mode != core.ReadWriteOnce && mode != core.ReadWriteOncePod {
			return fmt.Errorf("%s: %w", mode, errAccessMode)
		}
	}
	return nil
}

func volume(o controller.ProvisionOptions, path string) *core.PersistentVolume {
	filesystem := core.PersistentVolumeFilesystem
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: o.PVName},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
			AccessModes:                   o.PVC.Spec.AccessModes,
			VolumeMode:                    &filesystem,
			Capacity:                      core.ResourceList{core.ResourceStorage: o.PVC.Spec.Resources.Requests[core.ResourceStorage]},
			PersistentVolumeSource:        core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
				MatchExpressions: []core.NodeSelectorRequirement{{
					Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{o.SelectedNodeName},
				}},
			}}}},
		},
	}
}

// Delete removes the directory. A volume outside the root is none of ours.
func (d directories) Delete(_ context.Context, v *core.PersistentVolume) error {
	if v.Spec.Local == nil {
		return &controller.IgnoredError{Reason: "it is no local volume"}
	}
	relative, err := filepath.Rel(d.root, v.Spec.Local.Path)
	if err != nil || !filepath.IsLocal(relative) || filepath.Dir(relative) == "." || filepath.Base(relative) != v.Name {
		return &controller.IgnoredError{Reason: "its directory is not one that we made"}
	}
	return os.RemoveAll(v.Spec.Local.Path)
}
