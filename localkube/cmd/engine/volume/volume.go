// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// Reasons for which a claim is refused.
var (
	ErrNoNode     = errors.New("no node is selected: the StorageClass must wait for the first consumer")
	ErrAccessMode = errors.New("a directory of one node can be used on that node only: want ReadWriteOnce or ReadWriteOncePod")
	ErrSelector   = errors.New("a claim with a selector cannot be provisioned")
	ErrBlock      = errors.New("raw block volumes are not supported")
)

// Directories provisions a directory Root/NODE/VOLUME for each volume.
type Directories struct{ Root string }

var (
	_ controller.Provisioner      = Directories{}
	_ controller.BlockProvisioner = Directories{}
)

// SupportsBlock says that there are file systems only.
func (Directories) SupportsBlock(context.Context) bool { return false }

// Provision makes the directory and describes it as a local volume bound to its node.
func (d Directories) Provision(_ context.Context, o controller.ProvisionOptions) (*core.PersistentVolume, controller.ProvisioningState, error) {
	if err := provisionable(o); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	path := filepath.Join(d.Root, o.SelectedNodeName, o.PVName)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// Any user of a Pod may write, as on a freshly attached disk with no
	// fsGroup wish; the parents keep the host's other users out.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	return describe(o, path), controller.ProvisioningFinished, nil
}

func provisionable(o controller.ProvisionOptions) error {
	if o.SelectedNodeName == "" {
		return ErrNoNode
	}
	if o.PVC.Spec.Selector != nil {
		return ErrSelector
	}
	if m := o.PVC.Spec.VolumeMode; m != nil && *m == core.PersistentVolumeBlock {
		return ErrBlock
	}
	for _, mode := range o.PVC.Spec.AccessModes {
		if mode != core.ReadWriteOnce && mode != core.ReadWriteOncePod {
			return fmt.Errorf("%s: %w", mode, ErrAccessMode)
		}
	}
	return nil
}

func describe(o controller.ProvisionOptions, path string) *core.PersistentVolume {
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
func (d Directories) Delete(_ context.Context, v *core.PersistentVolume) error {
	if v.Spec.Local == nil {
		return &controller.IgnoredError{Reason: "it is no local volume"}
	}
	relative, err := filepath.Rel(d.Root, v.Spec.Local.Path)
	if err != nil || !filepath.IsLocal(relative) || filepath.Dir(relative) == "." || filepath.Base(relative) != v.Name {
		return &controller.IgnoredError{Reason: "its directory is not one that we made"}
	}
	return os.RemoveAll(v.Spec.Local.Path)
}
