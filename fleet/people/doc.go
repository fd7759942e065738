// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package people is what people and their programs ask of a fleet's operator, and what it answers: the types of its HTTPS API,
// as JSON, and its paths. The operator and the command line harmony-fleet agree here.
//
//	GET  /v1/devices?selector=S           DeviceList
//	GET  /v1/devices/NAME                 Device
//	GET  /v1/deployments?namespace=N      DeploymentList
//	GET  /v1/deployments/NAMESPACE/NAME   Deployment
//	POST /v1/plan                         PlanRequest, answered by a Plan
//	POST /v1/commands                     Command, answered by a line of JSON for each Event
//
// Whatever is not answered with 200 is answered with a Problem.
package people
