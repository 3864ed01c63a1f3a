"""The codes that no rule of ours has: what IAM, GitLab and lint itself would not take.

A page each, as rules have one: what was found, and what to do.
"""

from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """What ``valetkey lint --explain CODE`` says about a refusal."""

    code: str
    summary: str
    what: str
    instead: str
    severity: Severity = Severity.ERROR


_IAM: Final = {
    "policy-json": (
        "The text is not JSON as every reader understands it.",
        (
            "It breaks off, has a value that JSON does not know, or names a member twice in one"
            " object. Readers of JSON differ on which of two members counts, so neither does."
        ),
        "Mend the text at the place shown; of two members with one name keep one.",
    ),
    "policy-shape": (
        "A value has another shape than the policy language gives it.",
        "A list stands where a text is wanted, an object where a list is wanted, or the like.",
        "Write the shape that the message names.",
    ),
    "policy-unknown-element": (
        "A member is none of the policy language.",
        "Elements are spelt exactly, with their capitals. IAM refuses what it does not know.",
        "Take the spelling that is suggested, or take the member out.",
    ),
    "policy-unknown-operator": (
        "A condition operator does not exist.",
        (
            "The name under `Condition` is no operator with its `ForAllValues:`, `ForAnyValue:` or"
            " `IfExists`."
        ),
        "Take the operator that is suggested.",
    ),
    "policy-both-forms": (
        "A statement has an element and its `Not…` form.",
        "`Action` with `NotAction`, or the same of `Resource` or `Principal`.",
        "Keep one of them; make two statements where both are meant.",
    ),
    "policy-version": (
        "The version is none that exists.",
        "`Version` is the version of the policy language, not of your policy.",
        "Write `2012-10-17`.",
    ),
    "policy-version-old": (
        "IAM's managed policies must have version 2012-10-17.",
        "Without it, or with 2008-10-17, policy variables would be read as plain text.",
        'Begin the policy with `"Version": "2012-10-17"`.',
    ),
    "policy-no-statement": (
        "The policy has no statement.",
        "`Statement` is absent or an empty list.",
        "Write at least one statement; detach a policy that is to say nothing.",
    ),
    "policy-effect-missing": (
        "A statement has no `Effect`.",
        "IAM does not guess whether it allows or denies.",
        "Write `Allow` or `Deny`.",
    ),
    "policy-effect-unknown": (
        "An effect is neither `Allow` nor `Deny`.",
        "There are no other effects.",
        "Write `Allow` or `Deny`.",
    ),
    "policy-effect-case": (
        "An effect is written with the wrong capitals.",
        "Effects are compared exactly.",
        "Write `Allow` or `Deny`.",
    ),
    "policy-value": (
        "A condition's value can't be read as its operator compares.",
        "A number operator has a text, a date operator no date, or a variable is not closed.",
        "Write a value of the operator's kind, or take an operator for texts.",
    ),
    "policy-sid-duplicate": (
        "Two statements have one id.",
        "Statement ids must be unique in a policy.",
        "Rename one of them.",
    ),
    "policy-principal-prohibited": (
        "An identity policy names a principal.",
        "The principal is whoever the policy is attached to.",
        "Take `Principal` out, or use the document as a resource or trust policy.",
    ),
    "policy-principal-missing": (
        "A statement does not say who is meant.",
        "Policies at resources and roles need a `Principal`.",
        "Name the principal.",
    ),
    "policy-principal-empty": (
        "A `Principal` names nobody.",
        "It is an empty object or list.",
        "Name the principal.",
    ),
    "policy-principal-shape": (
        "A `Principal` is a text other than `*`.",
        "Principals stand by their kind.",
        'Write `{"AWS": "…"}`, `{"Federated": "…"}` or `{"Service": "…"}`.',
    ),
    "policy-principal-invalid": (
        "A principal is none that can exist.",
        "It is no ARN of a principal, no account and no service, or has a wildcard in it.",
        "Write the whole ARN, or the account's number.",
    ),
    "policy-not-principal-allow": (
        "`NotPrincipal` stands in an Allow.",
        "It would let in everybody else, also strangers.",
        "Name with `Principal` who is meant.",
    ),
    "policy-not-principal": (
        "A trust policy has `NotPrincipal`.",
        "IAM does not take it there.",
        "Use `Principal`, with a condition that spares whom you mean.",
    ),
    "policy-action-missing": (
        "A statement has no action.",
        "`Action` is absent or empty.",
        "Name the actions.",
    ),
    "policy-action-invalid": (
        "An action is not written as `service:Name`.",
        "It lacks its service prefix, has more than one colon, or a prefix that none can be.",
        "Write the action as AWS lists it, such as `s3:GetObject`.",
    ),
    "policy-action-not-sts": (
        "A trust policy has an action of another service.",
        "Trust policies are about assuming the role: actions of `sts`.",
        (
            "Write `sts:AssumeRoleWithWebIdentity` or its kin; put other actions into a policy that"
            " is attached to the role."
        ),
    ),
    "policy-resource-missing": (
        "A statement has no resource.",
        "`Resource` is absent or empty.",
        "Name the resources, or `*`.",
    ),
    "policy-resource-invalid": (
        "A resource is neither an ARN nor `*`.",
        "A bucket's name, a path or an ARN that is cut short is no resource.",
        "Write the whole ARN.",
    ),
    "policy-resource-shape": (
        "A resource has a shape that IAM's older reader does not take.",
        "The ARN's fields are not as they must be for the service.",
        "Write the ARN as AWS documents it for the service.",
    ),
    "policy-resource-prohibited": (
        "A trust policy names a resource.",
        "The resource is the role that the policy stands at.",
        "Take `Resource` out.",
    ),
    "policy-not-resource-prohibited": (
        "A trust policy has `NotResource`.",
        "The resource is the role that the policy stands at.",
        "Take `NotResource` out.",
    ),
    "policy-shared-issuer": (
        "A trust policy for a shared issuer does not say whose tokens are meant.",
        (
            "Everybody on gitlab.com, GitHub and the like gets tokens of one issuer. IAM refuses a"
            " trust policy for them that does not test the claim that tells tenants apart."
        ),
        "Test the claim that the message names, with a value that holds your group or owner.",
    ),
}
_GITLAB: Final = {
    "ci-malformed": (
        "GitLab would not accept the file.",
        "The message is GitLab's own, as its linter says it.",
        "Mend what the message names.",
    ),
    "ci-yaml": (
        "The file is no YAML.",
        "The reader gave up at the place shown; often the cause stands a line above.",
        "Mend the indentation or the quotes.",
    ),
    "ci-duplicate-key": (
        "A key is given twice in one map.",
        "GitLab takes the last one without a word, so half of what is written does nothing.",
        "Keep one of them.",
    ),
    "ci-alias": (
        "An alias names no anchor, or an anchor contains itself.",
        "Anchors must stand above their aliases, in the same file.",
        "Define the anchor first, or use `extends` or `!reference`.",
    ),
    "ci-extends": (
        "`extends` names no job, or goes round in a circle.",
        "A job takes over from jobs and templates of the file and what it includes.",
        "Name a job or template that is there.",
    ),
    "ci-include": (
        "An included file is missing, is no YAML file, or includes itself.",
        "`include:local` is looked for below the repository's root.",
        "Mend the path, which begins at the root.",
    ),
    "ci-key": ("A key is not a word.", "Keys of a CI file are texts.", "Write a plain word."),
    "ci-merge": (
        "`<<` brings in something that is no map.",
        "YAML's merge key takes a map or a list of maps.",
        "Point it at a map.",
    ),
    "ci-reference": (
        "`!reference` names nothing that is there.",
        "It wants a list: the job, then the keyword.",
        "Write `!reference [.setup, script]`.",
    ),
    "ci-rules": (
        "An expression of `rules:if` can't be read.",
        "GitLab's expressions know variables, texts, `==`, `!=`, `=~`, `!~`, `&&`, `||`.",
        "Mend the expression at the place shown.",
    ),
    "ci-tag": (
        "A YAML tag is none that a CI file may use.",
        "`!reference [job, keyword]` is the only one.",
        "Take the tag out.",
    ),
    "ci-too-big": (
        "The file grows too large.",
        "Its text, or what its aliases expand to, is beyond what GitLab takes.",
        "Split the file, or repeat less by aliases.",
    ),
    "ci-too-deep": (
        "Values are nested too deep.",
        "GitLab does not read files nested so deep either.",
        "Flatten the file.",
    ),
    "ci-unsupported": (
        "The file needs what only GitLab has.",
        (
            "Files of other projects, components and templates are not fetched here, so the jobs"
            " that they make are not looked at."
        ),
        "Look at the merged file: GitLab shows it under *Full configuration*.",
    ),
}
_OWN: Final = {
    "lint-unrecognised": (
        "The text is nothing that lint knows.",
        "It is neither a policy, nor a file with policies in it, nor a CI file.",
        "Say with `--type` what it is.",
        Severity.ERROR,
    ),
    "lint-nothing": (
        "The file holds no policy that is recognised.",
        "It was named, and nothing in it was looked at.",
        "Leave it out, or write the policy in a form that docs/lint.md lists.",
        Severity.NOTE,
    ),
    "lint-unreadable": (
        "The file can't be read.",
        "It is not there, is no file, or may not be opened.",
        "Check its path and permissions.",
        Severity.ERROR,
    ),
    "lint-not-text": (
        "The file is not UTF-8 text.",
        "Policies and CI files are UTF-8.",
        "Store it as UTF-8 without other bytes.",
        Severity.ERROR,
    ),
    "lint-too-large": (
        "The text is larger than what lint reads.",
        "No policy, template or CI file that AWS or GitLab take is so large.",
        "Leave it out.",
        Severity.ERROR,
    ),
    "lint-yaml": (
        "A file around policies is no YAML.",
        "The reader gave up at the place shown.",
        "Mend the YAML.",
        Severity.ERROR,
    ),
    "lint-hcl": (
        "A part of the file is no HCL that could be read.",
        "The grammar did not fit there, so policies in that part were not looked at.",
        "Mend it if OpenTofu refuses it too.",
        Severity.NOTE,
    ),
    "lint-ignore-reason": (
        "A `valetkey:ignore` gives no code or no reason.",
        "It silences nothing: whoever reads it later could not tell whether it is still right.",
        "Write `valetkey:ignore CODE the reason`.",
        Severity.WARNING,
    ),
    "lint-ignore-code": (
        "A finding is silenced by a code that no rule has.",
        "It is mistyped, or of another version.",
        "Take the code that is suggested, or take it out.",
        Severity.WARNING,
    ),
    "lint-ignore-unused": (
        "There is nothing here to silence.",
        "The cause is gone, and what comes later would be silenced unseen.",
        "Take the `valetkey:ignore` or `[[ignore]]` out.",
        Severity.NOTE,
    ),
}

REFUSALS: Final = {
    page.code: page
    for page in (
        *(RefusalPage(code, *texts) for code, texts in {**_IAM, **_GITLAB}.items()),
        *(RefusalPage(code, *texts) for code, texts in _OWN.items()),
    )
}
"""Every code that a finding can have beside those of the rules."""
