// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func options(change func(*controller.ProvisionOptions)) controller.ProvisionOptions {
	reclaim := core.PersistentVolumeReclaimDelete
	o := controller.ProvisionOptions{
		StorageClass: &storage.StorageClass{ReclaimPolicy: &reclaim},
		PVName:       "pvc-1", SelectedNodeName: "one",
		PVC: &core.PersistentVolumeClaim{Spec: core.PersistentVolumeClaimSpec{
			AccessModes: []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
		}},
	}
	change(&o)
	return o
}

func TestAVolumeIsADirectoryOfItsNodeUntilItIsDeleted(t *testing.T) {
	d := Directories{Root: t.TempDir()}
	v, state, err := d.Provision(t.Context(), options(func(*controller.ProvisionOptions) {}))
	if err != nil || state != controller.ProvisioningFinished {
		t.Fatalf("%v %v", state, err)
	}
	want := filepath.Join(d.Root, "one", "pvc-1")
	if v.Spec.Local.Path != want {
		t.Errorf("path %s, want %s", v.Spec.Local.Path, want)
	}
	if node := v.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0]; node != "one" {
		t.Errorf("bound to node %s", node)
	}
	info, err := os.Stat(want)
	if err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("directory: %v %v, want mode 777", info, err)
	}
	if err := d.Delete(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(want); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
}

func TestWhatADirectoryCannotBeIsRefused(t *testing.T) {
	block := core.PersistentVolumeBlock
	for _, test := range []struct {
		name   string
		change func(*controller.ProvisionOptions)
		want   error
	}{
		{"no node yet", func(o *controller.ProvisionOptions) { o.SelectedNodeName = "" }, ErrNoNode},
		{"shared by nodes", func(o *controller.ProvisionOptions) {
			o.PVC.Spec.AccessModes = []core.PersistentVolumeAccessMode{core.ReadWriteMany}
		}, ErrAccessMode},
		{"a selector", func(o *controller.ProvisionOptions) { o.PVC.Spec.Selector = &meta.LabelSelector{} }, ErrSelector},
		{"a raw block device", func(o *controller.ProvisionOptions) { o.PVC.Spec.VolumeMode = &block }, ErrBlock},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Directories{Root: t.TempDir()}
			if _, _, err := d.Provision(t.Context(), options(test.change)); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestDirectoriesOfOthersAreLeftAlone(t *testing.T) {
	d := Directories{Root: filepath.Join(t.TempDir(), "volumes")}
	outside := filepath.Join(filepath.Dir(d.Root), "pvc-1")
	for _, path := range []string{outside, d.Root, filepath.Join(d.Root, "one"), filepath.Join(d.Root, "one", "other"), d.Root + "/../pvc-1"} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		v := &core.PersistentVolume{ObjectMeta: meta.ObjectMeta{Name: "pvc-1"}}
		v.Spec.Local = &core.LocalVolumeSource{Path: path}
		err := d.Delete(t.Context(), v)
		if _, ok := errors.AsType[*controller.IgnoredError](err); !ok {
			t.Errorf("%s: got %v, want it ignored", path, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s is gone", path)
		}
	}
}
