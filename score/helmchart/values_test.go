// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart_test

import (
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/score/helmchart"
	"nationtech.io/harmony/secret"
)

type values = map[string]any

func TestAKeyThatTheChartDoesNotKnowIsRefusedAndTheNearestIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		values values
		says   []string
	}{
		"at the top":                     {values{"replica": 2}, []string{"replica", "did you mean replicas?"}},
		"below":                          {values{"settings": values{"lovel": "debug"}}, []string{"settings.lovel", "did you mean settings.level?"}},
		"of a part":                      {values{"extra": values{"nota": "x"}}, []string{"extra.nota", "did you mean extra.note?"}},
		"of a schema":                    {values{"probe": values{"perod": 3}}, []string{"probe.perod", "did you mean probe.period?"}},
		"two at once":                    {values{"port2": 1, "zzzzzzzz": 1}, []string{"port2", "zzzzzzzz"}},
		"in another case of its letters": {values{"Text": "x"}, []string{"did you mean text?"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := refused(t, example(c.values))
			if d.Code != diag.ValueUnknown {
				t.Fatal(d)
			}
			for _, want := range c.says {
				if !strings.Contains(evidence(d), want) {
					t.Errorf("%q is not said:\n%s", want, evidence(d))
				}
			}
		})
	}
}

func TestAKeyThatTheChartTakesIsTaken(t *testing.T) {
	for name, v := range map[string]values{
		"of a map that is empty":                {"settings": values{"limits": values{"anything": 1}}},
		"of labels":                             {"labels": values{"own": "label"}},
		"of annotations":                        {"pod": values{"annotations": values{"own": "annotation"}}},
		"that only the schema has":              {"tolerations": []any{}, "probe": values{"period": 3}},
		"global":                                {"global": values{"registry": "x"}},
		"that switches a part, under its alias": {"extra": values{"enabled": true}},
	} {
		t.Run(name, func(t *testing.T) { good(t, example(v)) })
	}
}

func TestAValueIsOpenWhenTheScoreSaysSo(t *testing.T) {
	s := example(values{"settings": values{"other": 1}})
	s.Open = []string{"settings"}
	good(t, s)
	s.Open = []string{"setting"}
	if d := refused(t, s); d.Code != diag.BadPlacement || !strings.Contains(evidence(d), "no value setting") {
		t.Errorf("got %v", d)
	}
}

func TestTheSchemaOfTheChartIsKept(t *testing.T) {
	if d := refused(t, example(values{"replicas": -1})); d.Code != diag.ValueRefused || !strings.Contains(evidence(d), "replicas") {
		t.Errorf("got %s\n%s", d.Code, evidence(d))
	}
}

func TestValuesMayBeAStruct(t *testing.T) {
	type typed struct {
		Image    string `json:"image"`
		Replicas int    `json:"replicas"`
	}
	s := example(values{})
	s.Values = typed{Image: "x", Replicas: 7}
	if got := field(t, named(good(t, s), "Deployment/web"), "spec", "replicas"); got != int64(7) {
		t.Errorf("replicas are %v", got)
	}
}

func TestASecretIsNoValue(t *testing.T) {
	s := example(values{"text": secret.New("hush")})
	if d := refused(t, s); d.Code != diag.BadPlacement || strings.Contains(evidence(d), "hush") {
		t.Errorf("got %v", d)
	}
}

func TestAScoreThatSaysTooLittleIsRefused(t *testing.T) {
	if d := refused(t, helmchart.Score{}); d.Code != diag.BadPlacement || len(d.Evidence) != 3 {
		t.Errorf("got %s\n%s", d.Code, evidence(d))
	}
}
