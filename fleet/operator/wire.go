// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"encoding/json"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
)

const verbResync contract.Verb = "resync"

func encode(p contract.PlaneID, d contract.DeviceID, w plane.Write) ([]byte, error) {
	return json.Marshal(w)
}

func decodeState(data []byte, d contract.DeviceID, p contract.PlaneID) (r plane.Report, err error) {
	err = json.Unmarshal(data, &r)
	return r, err
}

func decodeInfo(data []byte, d contract.DeviceID) (i info, err error) { return i, nil }

func resync(p contract.PlaneID, d contract.DeviceID) ([]byte, error) { return nil, nil }
