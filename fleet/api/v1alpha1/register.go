// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and the version of all kinds of this package.
var GroupVersion = schema.GroupVersion{Group: "fleet.nationtech.io", Version: "v1alpha1"}

// AddToScheme makes the kinds known to a scheme. Its error is nil.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&Deployment{}, &DeploymentList{}, &Device{}, &DeviceList{}, &FleetState{}, &FleetStateList{}, &Release{}, &ReleaseList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
