// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/yaml"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

// keeping is an operator that writes Devices, and whose cache has of them what that of Run has. It counts what it writes.
func keeping(t *testing.T, devices ...string) (o *operator, writes *int) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	build := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&fleet.Device{})
	o = &operator{log: slog.New(slog.DiscardHandler), state: plane.New(), infos: newInfos(), cuts: newCuts()}
	for _, name := range devices {
		build.WithObjects(&fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: fleet.DeviceSpec{Fleet: "fleet"}})
		o.state.SetDevice(name, nil, time.Now())
	}
	server := build.Build()
	writes = new(int)
	o.reader = server
	o.client = interceptor.NewClient(server, interceptor.Funcs{
		Get: func(ctx context.Context, from client.WithWatch, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
			if err := from.Get(ctx, key, into); err != nil {
				return err
			}
			_, err := stripped(into)
			return err
		},
		SubResourcePatch: func(ctx context.Context, to client.Client, name string, d client.Object, p client.Patch, _ ...client.SubResourcePatchOption) error {
			*writes++
			return to.SubResource(name).Patch(ctx, d, p)
		},
	})
	return o, writes
}

// says hands over what a device says of itself after a while, and lets the operator write.
func says(t *testing.T, o *operator, i contract.Info) {
	t.Helper()
	i.Instance = contract.NewInstanceID()
	data, err := i.Encode()
	if err != nil {
		t.Fatal(err)
	}
	said, err := decodeInfo(data, i.Device)
	if err != nil {
		t.Fatal(err)
	}
	clear(o.infos.changed)
	o.infos.set(i.Device.String(), said, time.Now())
	o.infos.write(t.Context(), o)
}

func deviceOf(t *testing.T, o *operator, name string) (d fleet.Device) {
	t.Helper()
	if err := o.reader.Get(t.Context(), types.NamespacedName{Name: name}, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func press(t *testing.T) contract.Info {
	return contract.Info{
		Device: deviceID(t, "press-07"), AgentVersion: "v1", Boot: contract.Boot{ID: "b", OS: "linux", Arch: "arm64", Kernel: "6.12"},
		Hostname: "press", CPUs: 4, MemoryBytes: 8 << 30, Runtime: "podman 5.4.0",
		Disks:  []contract.Disk{{Path: "/", Bytes: 60 << 30, UsedPercent: 20}, {Path: "/var", Bytes: 9 << 30, UsedPercent: 45}},
		Labels: []contract.Label{{Name: "rack", Value: "7"}, {Name: "row", Value: ""}},
	}
}

func TestADeviceShowsWhatItSaysOfItself(t *testing.T) {
	o, _ := keeping(t, "press-07")
	says(t, o, press(t))
	d := deviceOf(t, o, "press-07")
	want := &fleet.DeviceInventory{
		Hostname: "press", CPUs: 4, MemoryBytes: 8 << 30, Disks: []fleet.DeviceDisk{{Path: "/", Bytes: 60 << 30}, {Path: "/var", Bytes: 9 << 30}},
		Runtime: "podman 5.4.0", Labels: []fleet.ReportedLabel{{Name: "rack", Value: "7"}, {Name: "row"}},
	}
	got := d.Status.Inventory.DeepCopy()
	got.Hash = ""
	if diff := cmp.Diff(want, got); diff != "" || d.Status.OS != "linux" || d.Status.Kernel != "6.12" || d.Status.AgentVersion != "v1" {
		t.Errorf("%+v: %s", d.Status, diff)
	}
	is, err := o.inventory(t.Context(), "press-07", true)
	if err != nil || is.Hostname != "press" || is.CPUs != 4 || len(is.Disks) != 2 || is.Reported["rack"] != "7" {
		t.Errorf("people are told %+v: %v", is, err)
	}
	is, err = o.inventory(t.Context(), "press-07", false)
	if err != nil || is.CPUs != 4 || is.MemoryBytes != 8<<30 || is.Agent != "v1" || is.Hostname != "" {
		t.Errorf("in a list: %+v: %v", is, err)
	}
}

func TestWhatADeviceSaysNoLongerGoesFromItsDevice(t *testing.T) {
	o, _ := keeping(t, "press-07")
	says(t, o, press(t))
	less := press(t)
	less.Hostname, less.Runtime, less.Disks, less.Labels, less.Boot.Kernel = "", "", less.Disks[:1], nil, ""
	says(t, o, less)
	has := deviceOf(t, o, "press-07").Status
	if i := has.Inventory; i.Hostname != "" || i.Runtime != "" || len(i.Disks) != 1 || len(i.Labels) != 0 || i.CPUs != 4 || has.Kernel != "" {
		t.Errorf("it still says %+v", has)
	}
}

func TestWhatChangesAllTheTimeIsNotWritten(t *testing.T) {
	o, writes := keeping(t, "press-07")
	says(t, o, press(t))
	for percent := range 10 {
		is := press(t)
		is.Disks[0].UsedPercent, is.Boot.ID = percent*10, strings.Repeat("b", percent+1)
		says(t, o, is)
	}
	o.infos = newInfos() // another leads, and hears all of it again
	says(t, o, press(t))
	if *writes != 1 {
		t.Errorf("%d writes", *writes)
	}
}

func TestEveryPartOfAnInventoryIsNews(t *testing.T) {
	o, writes := keeping(t, "press-07")
	is := press(t)
	says(t, o, is)
	for i, change := range []func(){
		func() { is.AgentVersion = "v2" }, func() { is.Boot.OS = "other" }, func() { is.Boot.Arch = "riscv64" }, func() { is.Boot.Kernel = "7.0" },
		func() { is.Hostname = "oven" }, func() { is.CPUs = 8 }, func() { is.MemoryBytes = 16 << 30 }, func() { is.Runtime = "" },
		func() { is.Disks[1].Bytes = 10 << 30 }, func() { is.Disks[1].Path = "/home" }, func() { is.Labels[0].Value = "8" }, func() { is.Labels[0].Name = "pack" },
	} {
		change()
		says(t, o, is)
		if *writes != i+2 {
			t.Fatalf("change %d is not written", i)
		}
	}
}

func TestWhatIsYetToBeWrittenIsTold(t *testing.T) {
	o, _ := keeping(t, "press-07")
	said := infoOf(Known(press(t)))
	o.infos.set("press-07", said, time.Now())
	o.infos.mark("press-07")
	is, err := o.inventory(t.Context(), "press-07", false)
	if err != nil || is.Hostname != "press" {
		t.Errorf("people are told %+v: %v", is, err)
	}
}

func TestWhatCouldNotBeWrittenIsWrittenLater(t *testing.T) {
	o, _ := keeping(t, "press-07")
	works := o.client
	o.client = interceptor.NewClient(works.(client.WithWatch), interceptor.Funcs{
		SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
			return errors.New("the API server is away")
		},
	})
	says(t, o, press(t))
	o.client = works
	o.infos.write(t.Context(), o)
	if has := deviceOf(t, o, "press-07").Status.Inventory; has == nil || has.Hostname != "press" {
		t.Errorf("it says %+v", has)
	}
}

// What the API server would refuse would be written again without end, and the rest of the status with it.
func TestWhateverADeviceMaySayItsDeviceCanHave(t *testing.T) {
	long, name := strings.Repeat("x", 128), strings.Repeat("x", 63)
	most := contract.Info{
		Device: deviceID(t, "press-07"), Instance: contract.NewInstanceID(), AgentVersion: long, Boot: contract.Boot{ID: long, OS: long, Arch: long, Kernel: long},
		Hostname: long, Runtime: long, CPUs: 1 << 16, MemoryBytes: 1 << 50,
	}
	for range 16 {
		most.Disks = append(most.Disks, contract.Disk{Path: long, Bytes: 1 << 50})
	}
	for i := range contract.MaxLabels {
		most.Labels = append(most.Labels, contract.Label{Name: string(rune('A'+i%26)) + strconv.Itoa(i) + name[3:], Value: name})
	}
	for what, i := range map[string]contract.Info{"most": most, "least": {Device: most.Device, Instance: most.Instance, AgentVersion: "v"}} {
		if _, err := i.Encode(); err != nil {
			t.Fatalf("the contract refuses the %s: %v", what, err)
		}
		data, err := json.Marshal(Known(i))
		if err != nil {
			t.Fatal(err)
		}
		var said any
		if err := json.Unmarshal(data, &said); err != nil {
			t.Fatal(err)
		}
		for _, problem := range unfit("status", statusSchema(t), said) {
			t.Errorf("the %s: %s", what, problem)
		}
	}
}

// statusSchema is what the definition of Device says of its status.
func statusSchema(t *testing.T) apiextensionsv1.JSONSchemaProps {
	t.Helper()
	all, err := fleet.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range all {
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if d.Spec.Names.Kind == "Device" {
			return d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"]
		}
	}
	t.Fatal("there is no definition of Device")
	return apiextensionsv1.JSONSchemaProps{}
}

// unfit tells what of a value a schema does not allow, as far as its bounds go.
func unfit(path string, s apiextensionsv1.JSONSchemaProps, value any) (all []string) {
	add := func(bad bool, what string) {
		if bad {
			all = append(all, path+": "+what)
		}
	}
	switch v := value.(type) {
	case string:
		add(s.Type != "string" || s.MaxLength == nil || int64(len(v)) > *s.MaxLength, "too long, or without a bound")
	case float64:
		add(s.Type != "integer" || s.Minimum == nil || v < *s.Minimum, "too small, or without a bound")
	case []any:
		add(s.Type != "array" || s.MaxItems == nil || int64(len(v)) > *s.MaxItems, "too many, or without a bound")
		for _, one := range v {
			all = append(all, unfit(path+"[]", *s.Items.Schema, one)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			add(v[name] == nil, name+" is missing")
		}
		for name, one := range v {
			of, known := s.Properties[name]
			add(!known, name+" is not known")
			all = append(all, unfit(path+"."+name, of, one)...)
		}
	default:
		add(true, fmt.Sprintf("%v", v))
	}
	return all
}

func TestSelectorsSeeReportedLabelsThatAnAdministratorNames(t *testing.T) {
	o, _ := keeping(t, "press-07")
	says(t, o, press(t))
	cached := deviceOf(t, o, "press-07")
	cached.Labels = map[string]string{"site": "lyon"}
	if err := o.client.Update(t.Context(), &cached); err != nil {
		t.Fatal(err)
	}
	o.reported.set(o, &cached)
	see := func() labels.Set {
		v, _ := o.state.View("press-07")
		return v.Labels
	}
	if diff := cmp.Diff(labels.Set{"site": "lyon"}, see()); diff != "" {
		t.Errorf("nobody named one: %s", diff)
	}
	o.learn(t.Context(), &fleet.FleetState{Spec: fleet.FleetStateSpec{ReportedLabels: []string{"rack", "site"}}})
	if diff := cmp.Diff(labels.Set{"site": "lyon", "reported.fleet.nationtech.io/rack": "7"}, see()); diff != "" {
		t.Error(diff)
	}
	if len(cached.Labels) != 1 {
		t.Errorf("the cache has %v", cached.Labels)
	}
	o.learn(t.Context(), &fleet.FleetState{})
	if diff := cmp.Diff(labels.Set{"site": "lyon"}, see()); diff != "" {
		t.Errorf("it is named no longer: %s", diff)
	}
}
