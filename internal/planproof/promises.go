// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

// A promise is kept when its test passes.
type promise struct{ name, pkg, test string }

var promises = []promise{
	{"a-plan-does-nothing-itself", ".", "TestAPlanIsWhatADeployThenDoesAndDoesNothingItself"},
	{"all-findings-at-once", ".", "TestAPlanGoesOnAfterAFindingAndReportsAll"},
	{"after-apply-ends-well", ".", "TestWhatIsKnownAfterTheApplyEndsAPlanWell"},
	{"a-score-that-polls-does-not-wait", ".", "TestAScoreThatWaitsForWhatIsKnownAfterTheApplyDoesNotWaitInAPlan"},
	{"a-place-without-a-twin", ".", "TestAPlaceWithoutATwinIsAFinding"},
	{"a-scores-own-changes", ".", "TestWhatAScoreItselfChangesIsPlannedOnce"},
	{"images-are-not-pushed", "capability/image", "TestAPlanTellsWhatWouldBePushedAndPushesNothing"},
	{"namespace-that-is-not-there", "capability/kube", "TestAPlanOfWhatDoesNotStandSaysWhatTheDeployThenDoes"},
	{"fields-before-and-after", "capability/kube", "TestAPlanNamesFieldsWithWhatTheyAreAndWillBe"},
	{"lists-by-their-keys", "capability/kube", "TestElementsAreToldApartByTheirKeys"},
	{"noise-is-counted", "capability/kube", "TestWhatOnlyDefaultingAndWebhooksDecideIsCountedAndNoReasonToApply"},
	{"drift-by-field-owner-and-time", "capability/kube", "TestAPlanSaysWhoEditedWhatAndWhen"},
	{"definition-and-its-objects", "capability/kube", "TestAPlanOfADefinitionAndItsObjectsTogether"},
	{"deletions-by-inventory", "capability/kube", "TestWhatIsNoLongerWantedIsPlannedToGoAndDataToStay"},
	{"immutable-fields-and-what-goes", "capability/kube", "TestWhatCannotBeChangedIsReplacedWhenThatIsAllowed"},
	{"secrets-are-not-shown", "capability/kube", "TestAPlanShowsNoSecret"},
	{"one-credential-for-two", "capability/kube", "TestTwoComponentsOfAPlanAreGivenTheSameCredential"},
	{"objects-of-someone-else", "capability/kube", "TestAPlanTellsWhoseTheObjectsAreThatStandInTheWay"},
	{"connections-after-apply", "capability/kube", "TestAConnectionIsKnownAfterTheApply"},
	{"streams-are-read-and-not-written", "capability/messaging", "TestAPlanReadsTheStreamsThatStandAndWritesNone"},
	{"streams-that-were-edited", "capability/messaging", "TestAStreamThatIsWantedOtherwiseIsToldFromOneThatWasEdited"},
	{"buckets-of-the-fleet", "fleet/e2e", "TestAPlanTellsOfBucketsThatSomeoneEditedOrDeleted"},
	{"agreed-or-overtaken", "cli", "TestADeployWithAPlanDoesWhatWasAgreedToAndNothingElse"},
	{"exit-codes", "cli", "TestAnExitCodeTellsWhatScriptsMustKnow"},
	{"nothing-everything-three-edits", "fleet/e2e", "TestPlanAndDriftOnNothingOnEverythingAndOnThreeEditsByHand"},
	{"export-makes-the-deploys-objects", "fleet/e2e", "TestAnExportMakesTheObjectsOfTheDeploy"},
	{"chart-renders-the-manifests", "topology/export", "TestAChartRendersTheObjectsOfTheManifests"},
	{"chart-passes-helm-lint", "topology/export", "TestAChartPassesHelmsOwnLinter"},
	{"chart-keeps-definitions", "topology/export", "TestADefinitionIsUpgradedUnlessTheChartHasItsObjects"},
	{"export-hides-credentials", "topology/export", "TestOnlySecretFilesHaveCredentialsAndOnlyTheirOwnerReadsThem"},
	{"audit-log-shows-no-write", "scoretest/internal/witness", "TestAPlanWritesNothingAndNeedsNoRightToWrite"},
	{"credential-that-writes-nothing", "scoretest/internal/witness", "TestAnOnlookerLooksAndTriesAndWritesNothing"},
	{"variations-of-nats", "score/nats", "TestAPlanForetellsEveryVariationOfTheScore"},
	{"variations-of-a-fleet", "fleet/deploy", "TestAPlanForetellsEveryVariationOfAFleet"},
	{"conformance", "scoretest/internal/hello", "TestWhatIsNotSpoiledKeepsWhatEveryScorePromises"},
}
