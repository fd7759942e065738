// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import "slices"

// Rules lists all of them.
func Rules() []Rule {
	return slices.Concat(codeRules(), fileRules(), pageRules(), recordRules())
}

// codeRules are about what the code of one package may have to do with another.
func codeRules() []Rule {
	return []Rule{
		{
			Name: "arrows",
			Why:  "what imports each other in a circle, or upwards, can be neither understood nor used alone",
			Fix:  "import downwards only, or move the code; a new package gets a row in a table of layers in ARCHITECTURE.md",
			Look: Tree.Strays,
		},
		RuntimeRule(),
		{
			Name: "subcommands",
			Why:  "a program that runs in a cluster does not deploy itself: what is deployed is said by a Score, in one place",
			Fix:  "write a Score for it, and a component of harmony-fleet-deploy or a command like it",
			Look: Tree.subcommands,
		},
		{
			Name: "agent",
			Why:  "the agent runs on devices that have little, beside the workloads that they are for",
			Fix:  "do without, or show the new module in review: " + regenerate,
			Look: Tree.agent,
		},
		{
			Name: "api",
			Why:  "others build on what is exported; the exported API changed, and that must be meant",
			Fix:  "if that is meant, run: " + regenerate,
			Look: Tree.apiChanges,
		},
	}
}

// RuntimeRule is the one that holds for anyone's module; Runtime looks at one.
func RuntimeRule() Rule {
	return Rule{
		Name: "runtime",
		Why:  "a program that runs on a device or in a cluster stays small, and deploying can change without it",
		Fix:  "move what both need to a package of its own, and mark that one //harmony:runtime in its doc.go",
		Look: Tree.runtimes,
	}
}

// fileRules are about the files themselves.
func fileRules() []Rule {
	return []Rule{
		{
			Name: "comments",
			Why:  "a reader meets a package by its comment",
			Fix:  "write one above one package clause, in doc.go if it is long",
			Look: Tree.packageComments,
		},
		{
			Name: "lengths",
			Why:  "a file holds one concept and a function one thought; what is longer is not read",
			Fix:  "split it where a reader would; a table of a test may stand above its function",
			Look: Tree.lengths,
		},
		{
			Name: "licence",
			Why:  "whoever takes a file must find in it what it may be used for, and not twice",
			Fix:  "begin the file with the two lines of the licence, below #! if there is one",
			Look: Tree.licences,
		},
		{
			Name: "replace",
			Why:  "go install and whoever requires the module do not see a replace, so they would build something else; a module below examples/ stands for someone else's, and is built against this checkout, and nobody requires one below tools/",
			Fix:  "require the version that is meant",
			Look: Tree.replaces,
		},
		{
			Name: "generated",
			Why:  "what nothing makes again is stale one day, and nobody notices",
			Fix:  "let Tree.Generated make it, then run: " + regenerate,
			Look: Tree.strayGenerated,
		},
	}
}

// pageRules are about pages that people read.
func pageRules() []Rule {
	return []Rule{
		{
			Name: "pages",
			Why:  "people search for a code, and explain prints its page",
			Fix:  "give each code of diag/codes.go a page in docs/errors whose title is its summary",
			Look: Tree.codePages,
		},
		{
			Name: "links",
			Why:  "a link that leads nowhere says that nobody looks after the page",
			Fix:  "name the file relative to the page",
			Look: Tree.deadLinks,
		},
		{
			Name: "quotes",
			Why:  "code on a page that nothing compiles is wrong one day",
			Fix:  "change the page with the file that it quotes",
			Look: Tree.misquotes,
		},
		{
			Name: "dependencies",
			Why:  "every module is one more to trust, to update and to link; each has its reason in docs/dependencies.md",
			Fix:  "do without it, or add its row with the reason",
			Look: Tree.unexplained,
		},
		{
			Name: "onepage",
			Why:  "whoever comes to contribute reads one page",
			Fix:  "say it shorter, or where it belongs: CONTRIBUTING.md has 100 lines at most",
			Look: Tree.onePage,
		},
	}
}

// recordRules are about what is decided, promised and proved.
func recordRules() []Rule {
	return []Rule{
		{
			Name: "provoked",
			Why:  "a code that no test provokes is a promise that nobody has seen kept",
			Fix:  "write a test that brings it about and compares the code: diag.NAME in a test, or error[CODE] in a story",
			Look: Tree.unprovoked,
		},
		{
			Name: "decisions",
			Why:  "a decision that is not in the index is not found",
			Fix:  "run: " + regenerate,
			Look: Tree.staleIndex,
		},
	}
}
