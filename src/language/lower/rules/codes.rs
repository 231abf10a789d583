//! The codes, each with its page: what it means, a wrong and a right example.

use crate::diagnostic::{Code, Family};
use crate::language::lower::{history, source};
use crate::language::report::{error, warning};

pub(super) static CONFLICTING_SETTINGS: Code = error(
    "conflicting_settings",
    Family::Model,
    "settings that exclude each other",
    "Two settings say the same thing in two ways, or none of the ways is complete; which one is meant is not \
guessed.\n\nWrong:\n\n```kdl\ncapacity \"22 req/s\" per=gpu\nreplica { gpu 1; serves \"25 req/s\"; }\n```\n\n\
Right:\n\n```kdl\nreplica { gpu 1; serves \"25 req/s\"; }\n```\n",
);
pub(super) static BAD_FX: Code = error(
    "bad_fx",
    Family::Quantities,
    "an exchange rate that is none",
    "`fx EUR \"1.09 USD\"` says what one EUR costs in the plan's currency, here USD. The other direction is not \
accepted, because the two are mistaken for each other.\n\nWrong:\n\n```kdl\ncurrency USD\nfx EUR \"0.92 EUR\"\n\
```\n\nRight:\n\n```kdl\ncurrency USD\nfx EUR \"1.09 USD\"\n```\n",
);
pub(super) static UNKNOWN_VERSION: Code = error(
    "unknown_version",
    Family::Model,
    "a version of the language that this capplan does not read",
    "A plan says in which version of the language it is written, so that its meaning never changes under \
it.\n\nWrong:\n\n```kdl\nversion 2\n```\n\nRight:\n\n```kdl\nversion 1\n```\n",
);
pub(super) static FISCAL_LABEL: Code = error(
    "fiscal_label",
    Family::Model,
    "a fiscal year that two calendar years could name",
    "FY27 that begins in February 2027 is `label=start-year`; if it is the year that ends in January 2027, it is \
`label=end-year`. Companies do both, so a plan says which.\n\nWrong:\n\n```kdl\nfiscal-year starts=february\n\
```\n\nRight:\n\n```kdl\nfiscal-year starts=february label=start-year\n```\n",
);
pub(super) static SPEND_NOT_HOURLY: Code = warning(
    "spend_not_hourly",
    Family::Model,
    "committed spend that is not stated by the hour",
    "Spend under a savings plan is promised for every hour: what an hour does not use is lost and helps no other. A \
sum for a month or a year is another promise, so it is read as what it comes to in an hour, and that is most likely a \
mistake. A yearly spend that a discount asks for stands in the discount: `negotiated \"7%\" off=everything { \
commitment \"4M USD/year\"; }`.\n\nWrong:\n\n```kdl\ncommitment \"sp\" { spend \"8760 USD/month\" savings-plan=\"compute\"; \
period from=\"2026-07-01\" until=\"2027-06-30\"; }\n```\n\nRight:\n\n```kdl\ncommitment \"sp\" { spend \"12 USD/hour\" \
savings-plan=\"compute\"; period from=\"2026-07-01\" until=\"2027-06-30\"; }\n```\n",
);
pub(super) static NOT_WHOLE: Code = error(
    "not_whole",
    Family::Quantities,
    "a time that is no whole number of days or months",
    "Terms and depreciation count whole months, and runs repeat by whole days, weeks or months.\n\nWrong:\n\n\
```kdl\nrun \"weekly\" every=\"36 hours\" { gpus 8; duration \"4 hours\"; }\n```\n\nRight:\n\n```kdl\nrun \"weekly\" \
every=\"2 days\" { gpus 8; duration \"4 hours\"; }\n```\n",
);
pub(super) static FALLBACK_AFTER: Code = error(
    "fallback_after",
    Family::Model,
    "a time after which nothing takes over from spot",
    "`after=` says for how long work waits for spot before on-demand takes over. With `fallback wait` it waits until \
spot is back, and with `fallback none` nothing replaces it: there is nothing that could happen after that \
time.\n\nWrong:\n\n```kdl\npool \"batch\" { instance \"m5.4xlarge\" region=\"us-east-1\"; spot { fallback wait after=\"30 \
minutes\"; }; }\n```\n\nRight:\n\n```kdl\npool \"batch\" { instance \"m5.4xlarge\" region=\"us-east-1\"; spot { fallback \
on-demand after=\"30 minutes\"; }; }\n```\n",
);
pub(super) static ODD_DISCOUNT: Code = warning(
    "odd_discount",
    Family::Model,
    "a discount of nothing, or of everything",
    "A discount says which share of the price is taken off, not which is left. 0% changes nothing, and 100% gives it \
away: mostly one of them stands where the other share was meant.\n\nWrong:\n\n```kdl\nprovider \"aws\" { region \
\"us-east-1\"; negotiated \"100%\" off=on-demand; }\n```\n\nRight:\n\n```kdl\nprovider \"aws\" { region \"us-east-1\"; \
negotiated \"7%\" off=on-demand; }\n```\n",
);
pub(super) static PAYMENTS: Code = error(
    "payments",
    Family::Model,
    "the payments of a lot are not its price",
    "What is paid for a lot is its price: the shares of its `pay` nodes are 100% together.\n\nWrong:\n\n```kdl\n\
pay \"30%\" at=\"2026-10-01\"\n```\n\nRight:\n\n```kdl\npay \"30%\" at=\"2026-10-01\"\npay \"70%\" on=delivery\n```\n",
);
pub(super) static POOL_KIND: Code = error(
    "pool_kind",
    Family::Model,
    "a pool's contents do not fit its kind",
    "A pool is made of instance types, or of owned hardware, or, with `kind storage`, of storage \
tiers.\n\nWrong:\n\n```kdl\npool \"lake\" { tier \"s3-standard\"; }\n```\n\nRight:\n\n```kdl\npool \"lake\" { kind \
storage; tier \"s3-standard\"; }\n```\n",
);
pub(super) static STORAGE_TIERS: Code = error(
    "storage_tiers",
    Family::Model,
    "the tiers of a storage pool do not follow each other",
    "Data begins in the tier without `after` and moves on as it ages; every age has one tier.\n\nWrong:\n\n```kdl\n\
tier \"s3-standard\"\ntier \"glacier\"\n```\n\nRight:\n\n```kdl\ntier \"s3-standard\"\ntier \"glacier\" { after \"90 \
days\"; }\n```\n",
);
pub(super) static BACKWARDS: Code = error(
    "period_backwards",
    Family::Quantities,
    "something ends before it begins",
    "`from`, `at` and `until` are days that are both included; a month is its first day in `from` and `at`, and \
its last in `until`.\n\nWrong:\n\n```kdl\nperiod from=\"2027-07-01\" until=\"2027-06-30\"\n```\n\nRight:\n\n```kdl\n\
period from=\"2026-07-01\" until=\"2027-06-30\"\n```\n",
);
pub(super) static BUDGET_PARTS: Code = error(
    "budget_parts",
    Family::Policy,
    "the parts of a budget are not its amount",
    "Where both `opex` and `capex` are given they are the whole amount.\n\nWrong:\n\n```kdl\namount \"58M USD\" { \
opex \"44M USD\"; capex \"4M USD\"; }\n```\n\nRight:\n\n```kdl\namount \"58M USD\" { opex \"44M USD\"; capex \"14M \
USD\"; }\n```\n",
);
pub(super) static SPLIT_SHARES: Code = error(
    "split_shares",
    Family::Model,
    "fixed shares that are not 100%",
    "Every cent of a shared cost is borne by someone: fixed shares are at most 100%, and under 100% a `rest` says \
who bears the remainder.\n\nWrong:\n\n```kdl\nsplit fixed { team \"search\" \"20%\"; team \"ads\" \"25%\"; }\n```\n\n\
Right:\n\n```kdl\nsplit fixed { team \"search\" \"20%\"; team \"ads\" \"25%\"; }\nrest \"platform\"\n```\n",
);
pub(super) static FOLLOWS_CYCLE: Code = error(
    "follows_cycle",
    Family::Model,
    "demands that follow each other in a circle",
    "A demand may follow another workload's, and that one a third; somewhere one is stated.\n\nWrong:\n\n```kdl\n\
workload \"a\" { demand follows \"b\" by=\"2 req/req\"; }\nworkload \"b\" { demand follows \"a\" by=\"1 req/req\"; }\n\
```\n\nRight:\n\n```kdl\nworkload \"a\" { demand follows \"b\" by=\"2 req/page\"; }\nworkload \"b\" { demand \"900 \
page/s\"; }\n```\n",
);
pub(super) static DEMAND_UNIT: Code = error(
    "demand_unit",
    Family::Quantities,
    "a demand in a unit that nothing is asked in",
    "A demand is a rate (`req/s`, `chat/day`, `TB/day`) or a stock (`TiB`, `user`) of one thing that is \
counted.\n\nWrong:\n\n```kdl\ndemand \"40%\"\n```\n\nRight:\n\n```kdl\ndemand \"400 req/s\"\n```\n",
);
pub(super) static DEMAND_WITHOUT_LEVEL: Code = error(
    "demand_without_level",
    Family::Model,
    "a demand that nothing gives a level",
    "The level of a demand is stated, or follows from another workload, or from a history file with a \
unit.\n\nWrong:\n\n```kdl\ndemand { growth compound \"3%/month\"; }\n```\n\nRight:\n\n```kdl\ndemand { history \
\"data/rps.csv\" column=\"rps\" unit=\"req/s\" fit=auto; }\n```\n",
);
pub(super) static HISTORY_OUTSIDE: Code = error(
    "history_outside",
    Family::Files,
    "a history file outside the plan's folder",
    "A plan is one folder that gives the same figures on every machine: history lies inside it, named relative to \
the file that uses it.\n\nWrong:\n\n```kdl\nhistory \"/data/rps.csv\" column=\"rps\"\n```\n\nRight:\n\n```kdl\n\
history \"data/rps.csv\" column=\"rps\"\n```\n",
);
pub(super) static HISTORY_WITHOUT_FIT: Code = error(
    "history_without_fit",
    Family::Model,
    "a history and a stated growth, and nothing says which rules",
    "With `fit=auto` the history decides level, trend and season, and stated growth multiplies what the history cannot \
know. With `fit=level` the stated growth is the trend.\n\nWrong:\n\n```kdl\ndemand \"180 req/s\" { history \
\"rps.csv\" column=\"rps\"; growth compound \"3%/month\"; }\n```\n\nRight:\n\n```kdl\ndemand \"180 req/s\" { \
history \"rps.csv\" column=\"rps\" fit=level; growth compound \"3%/month\"; }\n```\n",
);
pub(super) static UNKNOWN_ZONE: Code = error(
    "unknown_zone",
    Family::Quantities,
    "a time zone that is none",
    "Time zones are written by their IANA names.\n\nWrong:\n\n```kdl\nstart-at \"01:00\" zone=\"CET+1\"\n```\n\n\
Right:\n\n```kdl\nstart-at \"01:00\" zone=\"Europe/Berlin\"\n```\n",
);
pub(super) static EMPTY_EVENT: Code = error(
    "empty_event",
    Family::Model,
    "an event that changes nothing",
    "An event multiplies demand, adds to it, or scales what serves it.\n\nWrong:\n\n```kdl\nevent \"launch\" \
at=\"2027-05-01\" { note \"big\"; }\n```\n\nRight:\n\n```kdl\nevent \"launch\" at=\"2027-05-01\" { multiply 1.3; note \
\"big\"; }\n```\n",
);
pub(super) static CONVERT_CHAIN: Code = error(
    "convert_chain",
    Family::Model,
    "a conversion from a unit that is not reached",
    "Conversions form a chain: the first is from the demand's unit, each next one from where the last \
ended.\n\nWrong:\n\n```kdl\ndemand \"2M chat/day\"\nconvert \"session\" to=\"token\" by=\"1100 token/session\"\n\
```\n\nRight:\n\n```kdl\ndemand \"2M chat/day\"\nconvert \"chat\" to=\"token\" by=\"1100 token/chat\"\n```\n",
);
pub(super) static EGRESS_WITHOUT_PROVIDER: Code = error(
    "egress_without_provider",
    Family::Model,
    "data leaves nobody's network",
    "What transferred data costs is a price of the pool's provider; a workload on owned hardware says whose \
network it uses.\n\nWrong:\n\n```kdl\nworkload \"w\" { pool \"owned\"; egress internet \"14 KiB/req\"; }\n```\n\n\
Right:\n\n```kdl\nworkload \"w\" { pool \"owned\"; provider \"aws\"; egress internet \"14 KiB/req\"; }\n```\n",
);
pub(super) static AUTOSCALE_BOUNDS: Code = error(
    "autoscale_bounds",
    Family::Model,
    "an autoscaler whose fewest are more than its most",
    "Wrong:\n\n```kdl\nautoscale { min 50; max 3; }\n```\n\nRight:\n\n```kdl\nautoscale { min 3; max 50; }\n```\n",
);
pub(super) static SCALING_RULE: Code = error(
    "scaling_rule",
    Family::Model,
    "a scaling rule that no cluster would take",
    "The rules under `behavior` are those of a HorizontalPodAutoscaler: a window is from 0 to 3600 whole seconds, a \
period from 1 to 1800, and a policy allows 1 pod or 1% at least.\n\nWrong:\n\n```kdl\nautoscale { min 3; behavior { \
down { window \"2 hours\"; }; }; }\n```\n\nRight:\n\n```kdl\nautoscale { min 3; behavior { down { window \"1 hour\"; }; }; \
}\n```\n",
);
pub(super) static WORK_WITHOUT_CAPACITY: Code = error(
    "work_without_capacity",
    Family::Model,
    "work that nothing says the speed of",
    "Work is GPU-hours, core-hours, or units that the workload's `capacity` serves.\n\nWrong:\n\n```kdl\nrun \
\"backfill\" at=\"2027-01-04\" { work \"18B document\"; finish-within \"30 days\"; }\n```\n\nRight:\n\n```kdl\n\
capacity \"420 document/s\" per=gpu\nrun \"backfill\" at=\"2027-01-04\" { work \"18B document\"; finish-within \"30 \
days\"; }\n```\n",
);
pub(super) static IMPOSSIBLE_DEADLINE: Code = error(
    "impossible_deadline",
    Family::Model,
    "a deadline before the start",
    "Wrong:\n\n```kdl\nrun \"r\" at=\"2027-03-01\" { work \"48 gpu-hour\"; finish-by \"2027-02-01\"; }\n```\n\n\
Right:\n\n```kdl\nrun \"r\" at=\"2027-03-01\" { work \"48 gpu-hour\"; finish-by \"2027-03-08\"; }\n```\n",
);
pub(super) static NOT_OF_KIND: Code = error(
    "not_of_kind",
    Family::Model,
    "a setting that says nothing of this kind of workload",
    "Training and batch have runs; inference, storage, network, workspaces and services have a demand; what a \
kind does not use is an error, because it would be ignored.\n\nWrong:\n\n```kdl\nworkload \"w\" { kind training; \
demand \"20 req/s\"; }\n```\n\nRight:\n\n```kdl\nworkload \"w\" { kind training; run \"weekly\" every=\"1 week\" { gpus \
8; duration \"20 hours\"; }; }\n```\n",
);
pub(super) static PROJECT_OF_ANOTHER_TEAM: Code = error(
    "project_of_another_team",
    Family::Model,
    "a workload's project belongs to another team",
    "A project has one team, and its workloads are that team's.\n\nWrong:\n\n```kdl\nproject \"v2\" { team \
\"search\"; }\nworkload \"w\" { project \"v2\"; team \"ads\"; }\n```\n\nRight:\n\n```kdl\nproject \"v2\" { team \
\"search\"; }\nworkload \"w\" { project \"v2\"; }\n```\n",
);

/// The codes of lowering.
pub static CODES: &[&Code] = &[
    &crate::language::lower::LISTED_CURRENCY,
    &crate::language::lower::ODD_LISTED_PRICE,
    &source::SOURCE_ADDRESS,
    &source::SOURCE_LABEL,
    &source::SOURCE_STEP,
    &history::HISTORY_SOURCE,
    &history::HISTORY_METRIC,
    &CONFLICTING_SETTINGS,
    &BAD_FX,
    &UNKNOWN_VERSION,
    &FISCAL_LABEL,
    &NOT_WHOLE,
    &SPEND_NOT_HOURLY,
    &FALLBACK_AFTER,
    &ODD_DISCOUNT,
    &PAYMENTS,
    &POOL_KIND,
    &STORAGE_TIERS,
    &BACKWARDS,
    &BUDGET_PARTS,
    &SPLIT_SHARES,
    &FOLLOWS_CYCLE,
    &DEMAND_UNIT,
    &DEMAND_WITHOUT_LEVEL,
    &HISTORY_OUTSIDE,
    &HISTORY_WITHOUT_FIT,
    &UNKNOWN_ZONE,
    &EMPTY_EVENT,
    &CONVERT_CHAIN,
    &EGRESS_WITHOUT_PROVIDER,
    &AUTOSCALE_BOUNDS,
    &SCALING_RULE,
    &WORK_WITHOUT_CAPACITY,
    &IMPOSSIBLE_DEADLINE,
    &NOT_OF_KIND,
    &PROJECT_OF_ANOTHER_TEAM,
];
