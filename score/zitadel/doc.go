// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package zitadel is the identity provider Zitadel, by its upstream chart: https://github.com/zitadel/zitadel-charts.
//
// It needs a PostgreSQL that someone else runs, and whatever ends TLS before it: clients reach it under its Domain alone.
// The first administrator is a machine user whose token the chart's own job puts into a Secret. What is in Zitadel, such as
// projects and machine users, is of package zitadelsetup.
//
// The values are those of version 9 and 10 of the chart. Neither the chart nor its images could be fetched where
// Harmony is built: what is tested is rendered by a chart of our own that takes the same values.
package zitadel
