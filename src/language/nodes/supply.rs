//! What can be bought or is owned, the pools made of it, and what is signed already.

use super::plan::TEXT;
use super::{
    CERTAIN_SHARE, Certainty, DIST, EGRESS, Kind, NodeSpec, Noun, PURCHASE, PropSpec, RENTED,
    Range, SHARE, certain, node, one, optional, prop, quantity, several,
};

const AS_OF: PropSpec = prop("as-of", Kind::Date);
const SOURCE: PropSpec = prop("source", Kind::Text);
const UP_TO: PropSpec = prop("up-to", certain("byte")).key();
const PRICE_TREND: Kind = Kind::Quantity("%/month", Range::Change, Certainty::Uncertain);

const CPU: NodeSpec =
    node("cpu", "CPU cores.").args(&[one("cores", certain("core"))]).example(r#"cpu "192 core""#);
const MEMORY: NodeSpec =
    node("memory", "Memory.").args(&[one("bytes", certain("byte"))]).example(r#"memory "2 TiB""#);
const STORAGE: NodeSpec = node("storage", "Local storage.")
    .args(&[one("bytes", certain("byte"))])
    .example(r#"storage "30 TB""#);
const NETWORK: NodeSpec = node("network", "Network.")
    .args(&[one("rate", certain("bit/s"))])
    .example(r#"network "3200 Gbit/s""#);
const GPU_OF_NODE: NodeSpec = node("gpu", "Its GPU model, and how many a node has.")
    .args(&[one("model", Kind::Refers(Noun::Gpu))])
    .props(&[prop("count", Kind::Count(1)).required()])
    .example(r#"gpu "h100" count=8"#);
const AVAILABILITY: NodeSpec = node("availability", "The share of time it can be had.")
    .args(&[one("share", SHARE)])
    .props(&[DIST])
    .default("100%")
    .example(r#"availability "90%""#);

pub(super) const GPU: NodeSpec = node("gpu", "A GPU model.")
    .args(&[one("name", Kind::Declares(Noun::Gpu))])
    .children(&[
        node("memory", "Memory of one GPU.")
            .args(&[one("bytes", certain("byte"))])
            .example(r#"memory "80 GB""#),
        node("power", "Power of one GPU.")
            .args(&[one("watts", certain("W"))])
            .example(r#"power "700 W""#),
        node("bandwidth", "Memory bandwidth of one GPU.")
            .args(&[one("rate", certain("byte/s"))])
            .example(r#"bandwidth "3.35 TB/s""#),
        node("peak", "Peak arithmetic of one GPU in a number format.")
            .args(&[
                one("format", Kind::Word(DTYPES)),
                one("rate", Kind::Quantity("FLOP/s", Range::Positive, Certainty::Certain)),
            ])
            .keyed()
            .example(r#"peak bf16 "989 TFLOP/s""#),
    ])
    .keyed()
    .example(r#"gpu "h100" { memory "80 GB"; power "700 W"; peak bf16 "989 TFLOP/s"; }"#);

/// The number formats.
pub(super) const DTYPES: &[&str] = &["bf16", "fp16", "fp32", "tf32", "fp8", "fp4", "int8"];

pub(super) const PRICES: NodeSpec = node(
    "prices",
    "Prices read from a list: a file inside the plan's folder, in one of the forms of `capplan prices`. They fill in \
     what the instance types of the plan do not state; a `price` in the plan wins. The form is told from the text \
     where it is not given, and the day from the file's name.",
)
    .args(&[one("file", Kind::Text)])
    .props(&[
        prop("format", Kind::Word(&["csv", "skypilot", "ec2instances", "spot-history", "providers"])),
        prop("provider", Kind::Text),
        AS_OF,
        SOURCE,
    ])
    .many()
    .example(r#"prices "aws_2026-09-06.csv" format=skypilot provider="aws""#);

pub(super) const PROVIDER: NodeSpec = node("provider", "A cloud provider: what it offers, at which prices.")
    .args(&[one("name", Kind::Declares(Noun::Provider))])
    .children(&[
        node("region", "Its regions, as it writes them.")
            .args(&[several("name", Kind::Region)])
            .many()
            .example(r#"region "us-east-1" "us-west-2""#),
        node("currency", "The currency it lists its prices in; a price written in another one warns.")
            .args(&[one("code", Kind::Currency)])
            .default("any; every price says its own")
            .example("currency USD"),
        node("price-list", "Where its prices were read, and when: the default of every price below.")
            .props(&[AS_OF, SOURCE])
            .example(r#"price-list as-of="2026-09-06" source="https://aws.amazon.com/ec2/pricing""#),
        INSTANCE,
        SAVINGS_PLAN,
        STORAGE_TIER,
        node("egress", "What transferred data costs, in rising steps of the month's volume.")
            .args(&[one("where", EGRESS), one("price", quantity("$/GB"))])
            .props(&[UP_TO, AS_OF, SOURCE, DIST])
            .keyed()
            .example(r#"egress internet "0.09 USD/GB" up-to="10 TB""#),
        node("support", "Support, as a share of what is spent with the provider.")
            .args(&[one("share", CERTAIN_SHARE)])
            .props(&[prop("of", Kind::Word(&["spend"]))])
            .example(r#"support "7%" of=spend"#),
        node(
            "negotiated",
            "A discount negotiated with the provider, off list prices, until its last day. What is signed already \
             (`commitment`) has its own price.",
        )
            .args(&[one("share", CERTAIN_SHARE)])
            .props(&[
                prop("off", Kind::Word(&["on-demand", "spot", "reserved", "everything"]))
                    .required()
                    .key(),
                prop("until", Kind::Day),
            ])
            .children(&[
                node("source", "Where it is written.").args(TEXT).example(r#"source "EDP 2025""#),
                node(
                    "commitment",
                    "The spend it asks for. What is missing after twelve months of the horizon falls due then.",
                )
                    .args(&[one("amount", certain("$/year"))])
                    .example(r#"commitment "4M USD/year""#),
            ])
            .keyed()
            .example(r#"negotiated "7%" off=on-demand until="2027-12-31""#),
        node(
            "credit",
            "Money the provider gives, to be used up in a period: month by month, by whoever spends with it. What \
             is left on the last day is lost.",
        )
            .args(&[one("name", Kind::Declares(Noun::Local))])
            .children(&[
                node("amount", "How much.")
                    .args(&[one("amount", certain("$"))])
                    .required()
                    .example(r#"amount "200k USD""#),
                node("period", "When it may be used; both days are included.")
                    .props(&[
                        prop("from", Kind::Day).required(),
                        prop("until", Kind::Day).required(),
                    ])
                    .required()
                    .example(r#"period from="2026-09-01" until="2027-08-31""#),
            ])
            .keyed()
            .example(r#"credit "startup" { amount "200k USD"; period from="2026-09-01" until="2027-08-31"; }"#),
    ])
    .keyed()
    .example(r#"provider "aws" { region "us-east-1"; instance "p5.48xlarge" { price on-demand "55.04 USD/hour"; }; }"#);

const SAVINGS_PLAN: NodeSpec = node(
    "savings-plan",
    "A discount for a spend that is promised by the hour: a savings plan, a flexible committed-use discount. It \
     takes over what would be paid on demand, hour by hour, where it saves the most.",
)
    .args(&[one("name", Kind::Declares(Noun::SavingsPlan))])
    .children(&[
        node("term", "How long it binds.")
            .args(&[one("months", certain("month"))])
            .example(r#"term "36 months""#),
        node("upfront", "The share paid on the first day.")
            .args(&[one("share", CERTAIN_SHARE)])
            .default("0%")
            .example(r#"upfront "0%""#),
        node("region", "The regions it covers.")
            .args(&[several("name", Kind::Region)])
            .default("every region")
            .example(r#"region "us-east-1""#),
        node("discount", "What it takes off list prices on demand, and of which types.")
            .args(&[one("share", CERTAIN_SHARE)])
            .children(&[node("instance", "The types it is for.")
                .args(&[several("name", Kind::Refers(Noun::Instance))])
                .default("every type of the provider that has no other rate")
                .many()
                .example(r#"instance "p5.48xlarge""#)])
            .many()
            .example(r#"discount "38%" { instance "p5.48xlarge"; }"#),
        node("rate", "What a node and hour of a type costs under it; it goes before a discount.")
            .args(&[
                one("instance", Kind::Refers(Noun::Instance)),
                one("price", Kind::Quantity("$/hour", Range::Positive, Certainty::Certain)),
            ])
            .keyed()
            .example(r#"rate "p5.48xlarge" "34.12 USD/hour""#),
    ])
    .keyed()
    .example(r#"savings-plan "compute-3y" { term "36 months"; discount "38%" { instance "p5.48xlarge"; }; }"#);

const INSTANCE: NodeSpec = node("instance", "An instance type.")
    .args(&[one("name", Kind::Declares(Noun::Instance))])
    .children(&[
        GPU_OF_NODE,
        CPU,
        MEMORY,
        STORAGE,
        NETWORK,
        node(
            "price",
            "What one node costs by the hour. For `reserved` it is the effective rate over the whole \
             term; `upfront` is the share paid on the first day.",
        )
        .args(&[one("purchase", RENTED), one("price", quantity("$/hour"))])
        .props(&[
            prop("region", Kind::Region).key(),
            prop("term", certain("month")).key(),
            prop("upfront", CERTAIN_SHARE).key(),
            AS_OF,
            SOURCE,
            DIST,
        ])
        .children(&[
            node("interruption", "The chance that a spot node is taken away.")
                .args(&[one("rate", Kind::Quantity("%/day", Range::Share, Certainty::Uncertain))])
                .props(&[DIST])
                .example(r#"interruption "4%/day""#),
            AVAILABILITY,
        ])
        .keyed()
        .example(r#"price reserved "37.80 USD/hour" term="12 months" upfront="0%""#),
        node(
            "capacity-block",
            "Nodes reserved for a fixed window and paid for on its first day, such as an AWS Capacity Block: what one \
             costs by the hour. Procurement proposes them for the days on which they pay.",
        )
            .args(&[one("price", quantity("$/hour"))])
            .props(&[prop("region", Kind::Region).key(), AS_OF, SOURCE, DIST])
            .children(&[node("lead-time", "Time from ordering one to its first day.")
                .args(&[one("time", quantity("hour"))])
                .props(&[DIST])
                .default("the pool's `lead-time reserved`")
                .example(r#"lead-time "1 to 8 weeks""#)])
            .keyed()
            .example(r#"capacity-block "31.46 USD/hour" region="us-east-1" { lead-time "1 to 8 weeks"; }"#),
        node("price-trend", "How its prices change from month to month.")
            .args(&[one("rate", PRICE_TREND)])
            .props(&[DIST])
            .default("prices hold")
            .example(r#"price-trend "-2% to 0% / month""#),
    ])
    .keyed()
    .example(r#"instance "p5.48xlarge" { gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "55.04 USD/hour"; }"#);

const STORAGE_TIER: NodeSpec = node("storage-tier", "A storage class.")
    .args(&[one("name", Kind::Declares(Noun::StorageTier))])
    .children(&[
        node("price", "What holding data costs, in rising steps of the volume held.")
            .args(&[one("price", quantity("$/GB-month"))])
            .props(&[UP_TO, AS_OF, SOURCE, DIST])
            .keyed()
            .required()
            .example(r#"price "0.023 USD/GB-month" up-to="50 TB""#),
        node("retrieval", "What reading data back costs.")
            .args(&[one("price", quantity("$/GB"))])
            .props(&[DIST])
            .example(r#"retrieval "0.03 USD/GB""#),
        node("requests", "What requests cost, of workloads that state theirs.")
            .args(&[one("price", quantity("$/req"))])
            .props(&[DIST])
            .example(r#"requests "0.005 USD/1k req""#),
        node(
            "minimum-stay",
            "The least time that data is billed for, also where it leaves before.",
        )
        .args(&[one("time", certain("hour"))])
        .example(r#"minimum-stay "90 days""#),
    ])
    .keyed()
    .example(r#"storage-tier "s3-standard" { price "0.023 USD/GB-month"; }"#);

pub(super) const OWNED: NodeSpec = node("owned", "Hardware the organisation owns; its lots are the asset register.")
    .args(&[one("name", Kind::Declares(Noun::Owned))])
    .children(&[
        GPU_OF_NODE,
        CPU,
        MEMORY,
        STORAGE,
        NETWORK,
        node("depreciate", "Over how long a purchase is written off.")
            .args(&[one("months", certain("month"))])
            .props(&[
                prop("method", Kind::Word(&["straight-line"])),
                prop("convention", Kind::Word(&["full-month", "mid-month", "daily"])),
            ])
            .default("never written off")
            .example(r#"depreciate "48 months" method=straight-line convention=full-month"#),
        node("residual", "The share of the purchase price left at the end.")
            .args(&[one("share", CERTAIN_SHARE)])
            .default("0%")
            .example(r#"residual "8%""#),
        node("power", "Power of one node, what the building adds, and what a kilowatt-hour costs.")
            .args(&[one("power", certain("kW"))])
            .props(&[prop("per", Kind::Word(&["node"]))])
            .children(&[
                node("pue", "Power usage effectiveness: total over IT power.")
                    .args(&[one("factor", Kind::Factor(Range::AtLeastOne))])
                    .default("1")
                    .example("pue 1.28"),
                node("price", "Money for a kilowatt-hour.")
                    .args(&[one("price", quantity("$/kWh"))])
                    .props(&[DIST])
                    .example(r#"price "0.094 USD/kWh""#),
            ])
            .example(r#"power "10.2 kW" per=node { pue 1.28; price "0.094 USD/kWh"; }"#),
        node("hosting", "Space and hands, for one node.")
            .args(&[one("price", quantity("$/month"))])
            .props(&[prop("per", Kind::Word(&["node"])), DIST])
            .example(r#"hosting "1900 USD/month" per=node"#),
        node("support", "Support a year, as a share of the purchase price.")
            .args(&[one("share", Kind::Quantity("%/year", Range::NonNegative, Certainty::Certain))])
            .props(&[prop("of", Kind::Word(&["purchase"]))])
            .example(r#"support "6%/year" of=purchase"#),
        node("staff", "People for one node, and what one costs.")
            .args(&[one("people", certain("fte"))])
            .props(&[prop("per", Kind::Word(&["node"]))])
            .children(&[node("cost", "What one costs.")
                .args(&[one("price", quantity("$/year"))])
                .props(&[DIST])
                .required()
                .example(r#"cost "210k USD/year""#)])
            .example(r#"staff "0.15 fte" per=node { cost "210k USD/year"; }"#),
        AVAILABILITY,
        LOT,
    ])
    .keyed()
    .example(r#"owned "ashburn-b200" { gpu "b200" count=8; depreciate "48 months"; lot "2025-08" { nodes 32; purchase "395k USD" per=node; in-service "2025-08-01"; }; }"#);

const LOT: NodeSpec = node("lot", "One purchase of nodes: a line of the asset register.")
    .args(&[one("name", Kind::Declares(Noun::Local))])
    .children(&[
        node("nodes", "How many nodes.")
            .args(&[one("count", Kind::Count(1))])
            .required()
            .example("nodes 32"),
        node("purchase", "What one node cost.")
            .args(&[one("price", quantity("$"))])
            .props(&[prop("per", Kind::Word(&["node"])), DIST])
            .required()
            .example(r#"purchase "395k USD" per=node"#),
        node("in-service", "The day it went into service.")
            .args(&[one("day", Kind::Date)])
            .example(r#"in-service "2025-08-01""#),
        node("due", "The day it is due, where it is still to come.")
            .args(&[one("day", Kind::Date)])
            .example(r#"due "2027-02-15""#),
        node("slip", "How much later than due it may come.")
            .args(&[one("time", quantity("hour"))])
            .props(&[DIST])
            .example(r#"slip "0 to 6 weeks""#),
        node("chance", "The chance that it comes at all.")
            .args(&[one("share", CERTAIN_SHARE)])
            .default("100%")
            .example(r#"chance "85%""#),
        node("pay", "A payment: the share of the price, and when.")
            .args(&[one("share", CERTAIN_SHARE)])
            .props(&[prop("at", Kind::Day).key(), prop("on", Kind::Word(&["delivery"])).key()])
            .keyed()
            .default("all on delivery")
            .example(r#"pay "30%" at="2026-10-01""#),
    ])
    .keyed()
    .example(
        r#"lot "2025-08" { nodes 32; purchase "395k USD" per=node; in-service "2025-08-01"; }"#,
    );

pub(super) const POOL: NodeSpec = node("pool", "Capacity that workloads share. Counts are nodes.")
    .args(&[one("name", Kind::Declares(Noun::Pool))])
    .children(&[
        node("kind", "`storage` for a pool of storage tiers.")
            .args(&[one("word", Kind::Word(&["storage", "compute"]))])
            .default("compute")
            .example("kind storage"),
        node("instance", "A type it may use, and where. Several are candidates: the plan takes the cheapest.")
            .args(&[one("name", Kind::Refers(Noun::Instance))])
            .props(&[prop("region", Kind::Region).key()])
            .keyed()
            .example(r#"instance "p5.48xlarge" region="us-east-1""#),
        node("owned", "The organisation's own nodes it is made of.")
            .args(&[one("name", Kind::Refers(Noun::Owned))])
            .example(r#"owned "ashburn-b200""#),
        node("start", "Nodes running on the first day, commitments aside.")
            .args(&[one("purchase", PURCHASE), one("nodes", Kind::Count(0))])
            .keyed()
            .default("0")
            .example("start on-demand 4"),
        node("limit", "Nodes the provider grants: for one purchase, or for all together.")
            .args(&[optional("purchase", PURCHASE), one("nodes", Kind::Count(0))])
            .props(&[prop("from", Kind::Day).key()])
            .keyed()
            .default("none")
            .example("limit on-demand 40"),
        node("limit-increase", "A higher grant that was asked for.")
            .args(&[optional("purchase", PURCHASE), one("nodes", Kind::Count(0))])
            .children(&[
                node("asked", "The day it was asked.")
                    .args(&[one("day", Kind::Date)])
                    .required()
                    .example(r#"asked "2026-11-02""#),
                node("expected", "Time from asking to the grant.")
                    .args(&[one("time", quantity("hour"))])
                    .props(&[DIST])
                    .required()
                    .example(r#"expected "4 to 9 weeks""#),
                node("chance", "The chance that it is granted.")
                    .args(&[one("share", CERTAIN_SHARE)])
                    .default("100%")
                    .example(r#"chance "80%""#),
            ])
            .keyed()
            .example(r#"limit-increase on-demand 60 { asked "2026-11-02"; expected "4 to 9 weeks"; }"#),
        node("lead-time", "Time from deciding to having.")
            .args(&[one("purchase", PURCHASE), one("time", quantity("hour"))])
            .props(&[DIST])
            .keyed()
            .example(r#"lead-time reserved "3 to 6 weeks""#),
        node("target-utilization", "The share of a node that is planned to be used.")
            .args(&[one("share", Kind::Quantity("%", Range::PositiveShare, Certainty::Certain))])
            .default("100%")
            .example(r#"target-utilization "65%""#),
        node("buy", "What may be bought. It is permission, not an order.")
            .args(&[several("purchase", PURCHASE)])
            .default("everything that has a price")
            .example("buy reserved on-demand"),
        node("floor", "The least share of the month's mean need that procurement covers by a purchase.")
            .args(&[one("purchase", PURCHASE), one("share", CERTAIN_SHARE)])
            .keyed()
            .example(r#"floor reserved "70%""#),
        node("spot", "How spot is used.")
            .children(&[
                node(
                    "risk-tolerance",
                    "Which quantile of spot prices to plan with, where they come from a history (`prices`): the \
                     median, the 75th or the 95th percentile of its last 60 days. A price that the plan states is \
                     taken as it is written.",
                )
                    .args(&[one("word", Kind::Word(&["high", "medium", "low"]))])
                    .default("medium")
                    .example("risk-tolerance medium"),
                node(
                    "share",
                    "The most of the pool's interruptible need, in whole nodes, that runs on spot; the rest of it is \
                     on demand.",
                )
                    .args(&[one("share", CERTAIN_SHARE)])
                    .default("100%")
                    .example(r#"share "50%""#),
                node(
                    "fallback",
                    "What happens while spot is not to be had: on-demand takes over, the work waits until spot is \
                     back and is caught up on it, or nothing replaces it and nodes are short. `after`, with \
                     on-demand alone, says for how long work waits before it takes over.",
                )
                    .args(&[one("word", Kind::Word(&["on-demand", "wait", "none"]))])
                    .props(&[prop("after", certain("hour"))])
                    .default("on-demand, at once")
                    .example(r#"fallback on-demand after="30 minutes""#),
                node(
                    "restart",
                    "How long work that is no run takes from an interruption until it works again. What a run \
                     loses follows from its own `checkpoint`.",
                )
                    .args(&[one("time", certain("hour"))])
                    .default("no time is lost")
                    .example(r#"restart "10 minutes""#),
                node(
                    "checkpoint",
                    "How often work that is no run saves its state, and how long that takes; its `restore` goes \
                     before `restart`.",
                )
                    .children(super::workload::SAVING)
                    .default("there is no state to lose")
                    .example(r#"checkpoint { every "30 minutes"; takes "90 s"; restore "10 minutes"; }"#),
            ])
            .example(r#"spot { share "50%"; risk-tolerance low; }"#),
        node("node-failures", "The chance that a node fails, which stops the runs on it.")
            .args(&[one("rate", Kind::Quantity("%/day", Range::Share, Certainty::Uncertain))])
            .props(&[DIST])
            .example(r#"node-failures "0.65%/day""#),
        node("scheduling", "How the pool's scheduler packs.")
            .children(&[
                node(
                    "gang",
                    "Whether a run's GPUs stand on whole nodes, and the rest of them together on one more.",
                )
                .args(&[one("flag", Kind::Bool)])
                .default("#false")
                .example("gang #true"),
                node("fragmentation-loss", "Extra nodes lost to packing, as a share.")
                    .args(&[one("share", CERTAIN_SHARE)])
                    .default("0%")
                    .example(r#"fragmentation-loss "6%""#),
                node("fair-sharing", "Whether quotas borrow by fair shares.")
                    .args(&[one("flag", Kind::Bool)])
                    .default("#false")
                    .example("fair-sharing #true"),
            ])
            .example(r#"scheduling { fragmentation-loss "6%"; }"#),
        node("tier", "A storage tier of the pool, and the age at which data moves there.")
            .args(&[one("name", Kind::Refers(Noun::StorageTier))])
            .children(&[node("after", "The age at which data moves into it.")
                .args(&[one("time", certain("hour"))])
                .default("at once; only the first tier may leave it out")
                .example(r#"after "90 days""#)])
            .keyed()
            .example(r#"tier "glacier" { after "90 days"; }"#),
    ])
    .keyed()
    .example(r#"pool "serving" { instance "p5.48xlarge" region="us-east-1"; start on-demand 4; limit 40; }"#);

pub(super) const COMMITMENT: NodeSpec = node("commitment", "What is signed already. It ends; what follows is a decision of the plan.")
    .args(&[one("name", Kind::Declares(Noun::Commitment))])
    .children(&[
        node("pool", "The pool that reserved nodes serve.")
            .args(&[one("name", Kind::Refers(Noun::Pool))])
            .example(r#"pool "serving""#),
        node("provider", "Whom a spend is committed to.")
            .args(&[one("name", Kind::Refers(Noun::Provider))])
            .example(r#"provider "aws""#),
        node("reserved", "Nodes of an instance type.")
            .args(&[one("nodes", Kind::Count(1))])
            .props(&[prop("instance", Kind::Refers(Noun::Instance)).required()])
            .example(r#"reserved 8 instance="p5.48xlarge""#),
        node(
            "capacity-block",
            "Nodes of an instance type in a capacity block, all paid on the first day of its period.",
        )
            .args(&[one("nodes", Kind::Count(1))])
            .props(&[prop("instance", Kind::Refers(Noun::Instance)).required()])
            .example(r#"capacity-block 4 instance="p5.48xlarge""#),
        node(
            "spend",
            "Spend by the hour, under a savings plan: paid in every hour of its period, used or not. Without \
             a savings plan it takes list prices on demand. `upfront` is the savings plan's where absent.",
        )
            .args(&[one("amount", certain("$/hour"))])
            .props(&[
                prop("savings-plan", Kind::Refers(Noun::SavingsPlan)),
                prop("upfront", CERTAIN_SHARE),
            ])
            .example(r#"spend "120 USD/hour" savings-plan="compute-3y""#),
        node("price", "The effective price of one node and hour, and the share paid on the first day.")
            .args(&[one("price", certain("$/hour"))])
            .props(&[prop("upfront", CERTAIN_SHARE)])
            .example(r#"price "37.80 USD/hour" upfront="0%""#),
        node("period", "When it holds; both days are included.")
            .props(&[prop("from", Kind::Day).required(), prop("until", Kind::Day).required()])
            .required()
            .example(r#"period from="2026-07-01" until="2027-06-30""#),
        node(
            "renew",
            "What happens when it ends: procurement decides, it goes on at its price term after term, or \
             nothing reserved replaces it.",
        )
            .args(&[one("word", Kind::Word(&["decide", "always", "never"]))])
            .default("decide")
            .example("renew decide"),
    ])
    .keyed()
    .example(r#"commitment "ri-2026" { pool "serving"; reserved 8 instance="p5.48xlarge"; price "37.80 USD/hour"; period from="2026-07-01" until="2027-06-30"; }"#);
