// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package house reads this repository, so that tests hold it to the rules of the house: its layers,
// its runtime programs, its exported API, its pages of error codes, its decisions, its command lines.
//
// A Rule looks at a Tree and gives one line for each thing that stands against it; it knows why it is
// there and what to do instead. testdata/rules has an example of a violation of each.
//
//harmony:exempt kubeobjects it reads the definitions that are made of the fleet's kinds; it builds none
package house
