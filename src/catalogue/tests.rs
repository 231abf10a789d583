use super::lint::{OddKind, lint};
use super::*;

fn read(text: &str) -> Catalogue {
    parse(text, None, &Defaults::default()).unwrap()
}

fn prices(list: &Catalogue) -> Vec<(String, &'static str, String)> {
    let of = |p: &Listed| (p.instance.to_string(), p.purchase.word(), p.per_hour.to_string());
    list.listed.iter().map(of).collect()
}

#[test]
fn our_own_table_says_everything() {
    let list = read(
        "provider,instance,region,purchase,term,upfront,price,currency,unit,vcpus,as_of\n\
         aws,m5.large,us-east-1,on-demand,,,0.096,USD,hour,2,2026-09-06\n\
         aws,m5.large,us-east-1,reserved,12,50%,43.80,EUR,month,2,2026-09-06\n",
    );
    assert_eq!(list.form, Form::Csv);
    let [on_demand, reserved] = &list.listed[..] else { panic!("two prices") };
    assert_eq!(on_demand.per_hour.to_string(), "0.096");
    assert_eq!(on_demand.at, At { line: 2, start: 79, len: 62 });
    assert_eq!(reserved.terms(), "reserved 12m 50%");
    assert_eq!((reserved.per_hour.to_string().as_str(), reserved.currency.code()), ("0.06", "EUR"));
    assert_eq!(on_demand.per(on_demand.shape.vcpus), Some(0.048));
    assert_eq!(on_demand.as_of, parse_date("2026-09-06"));
}

#[test]
fn a_table_of_others_reads_by_its_names() {
    let list = read(
        "as_of,provider,region,sku,vcpus,memory_gb,gpu_type,gpu_count,hourly_usd,spot_hourly_usd\n2026-04-26,aws,us-east-1,t3.micro,2,1,,,0.0104,0.003\n",
    );
    assert_eq!(
        prices(&list),
        [
            ("t3.micro".into(), "on-demand", "0.0104".into()),
            ("t3.micro".into(), "spot", "0.003".into())
        ]
    );
}

#[test]
fn rows_that_do_not_read_are_told_and_lose_nothing_else() {
    let list = read("instance,price,purchase\na,1.0,\nb,dear,\nc,2.0,lease\nd,3.0,spot\n");
    assert_eq!(prices(&list).len(), 2);
    let why: Vec<(u32, &str)> = list.unread.iter().map(|u| (u.at.line, u.why.as_str())).collect();
    assert_eq!(why[0], (3, "`dear` is no price"));
    assert_eq!(why[1].0, 4);
}

#[test]
fn skypilot_repeats_on_demand_by_zone_and_is_read_once() {
    let list = read(
        "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,SpotPrice,Region,AvailabilityZone\n\
         c6i.large,,,2,4,0.085,0.03,eu-west-1,euw1-az1\n\
         c6i.large,,,2,4,0.085,0.04,eu-west-1,euw1-az2\n\
         p5.48xlarge,H100,8,192,2048,98.32,,us-east-1,use1-az1\n",
    );
    assert_eq!(list.form, Form::SkyPilot);
    assert_eq!(list.listed.len(), 4);
    let gpu = &list.listed[3];
    assert_eq!((gpu.shape.gpu.as_deref(), gpu.per(gpu.shape.gpus)), (Some("H100"), Some(12.29)));
}

#[test]
fn a_ladder_of_reservations_reads_from_ec2instances() {
    let list = read(
        r#"{ "instance_type": "x2.large", "vCPU": 2, "memory": 16, "GPU": 0, "pricing": { "us-east-1": { "linux": {
             "ondemand": "1.00", "spot_avg": "0.30", "reserved": { "yrTerm1Standard.noUpfront": "0.63",
             "yrTerm3Standard.allUpfront": "0.38", "yrTerm1Convertible.noUpfront": "0.7" } }, "mswin": { "ondemand": "2" } } } }"#,
    );
    assert_eq!(list.form, Form::Ec2Instances);
    let terms: Vec<String> = list.listed.iter().map(Listed::terms).collect();
    assert_eq!(terms, ["on-demand", "spot", "reserved 12m 0%", "reserved 36m 100%"]);
}

#[test]
fn what_aws_prints_of_spot_prices_reads() {
    let list = read(
        r#"{ "SpotPriceHistory": [
            { "AvailabilityZone": "us-east-1a", "InstanceType": "m5.large", "ProductDescription": "Linux/UNIX", "SpotPrice": "0.0351", "Timestamp": "2026-09-01T10:12:13+00:00" },
            { "AvailabilityZone": "us-east-1b", "InstanceType": "m5.large", "ProductDescription": "Windows", "SpotPrice": "0.1", "Timestamp": "2026-09-01T10:12:13+00:00" } ] }"#,
    );
    let [one] = &list.listed[..] else { panic!("Linux alone") };
    assert_eq!(
        (one.region.as_deref(), one.zone.as_deref()),
        (Some("us-east-1"), Some("us-east-1a"))
    );
    assert_eq!(one.as_of, parse_date("2026-09-01"));
    assert_eq!(one.at.line, 2);
}

#[test]
fn a_file_of_no_form_says_what_a_list_has() {
    let fault = parse("a,b\n1,2\n", None, &Defaults::default()).unwrap_err();
    assert!(fault.help().contains("this one has a, b"), "{}", fault.help());
    let fault = parse("instance\nx\n", Some(Form::Csv), &Defaults::default()).unwrap_err();
    assert_eq!(fault.to_string(), "a `csv` list needs the column `price`");
    let fault = parse("{ \"instances\": ", None, &Defaults::default()).unwrap_err();
    assert!(matches!(fault, Fault::Text { line: 1, .. }));
}

/// The reason of every row that does not read.
fn unread(text: &str) -> Vec<(u32, String)> {
    read(text).unread.into_iter().map(|unread| (unread.at.line, unread.why)).collect()
}

/// Why the one row after the head does not read.
fn why(head: &str, row: &str) -> String {
    let list = read(&format!("{head}\n{row}\n"));
    assert_eq!(list.listed, [], "{row}");
    let [unread] = &list.unread[..] else { panic!("{row}: {:?}", list.unread) };
    assert_eq!(unread.at.line, 2);
    unread.why.clone()
}

#[test]
fn a_cell_that_does_not_read_is_told_with_its_row() {
    let reserved = |upfront: &str| why("instance,price,upfront", &format!("a,1,{upfront}"));
    for upfront in ["abc", "-50%", "50", "150%", "NaN"] {
        assert_eq!(
            reserved(upfront),
            format!("`{upfront}` is no share paid upfront: write it as `50%` or `0.5`")
        );
    }
    for term in ["-12", "0", "4000000000", "1201", "12.5", "101y", "12 days", "m"] {
        let why = why("instance,price,purchase,term", &format!("a,1,reserved,{term}"));
        let what = format!("`{term}` is no term: write whole months from 1 to 1200, such as `12`");
        assert_eq!(why, what);
    }
    assert_eq!(why("instance,price,valid_until", "a,1,soon"), "`soon` is no date");
    for column in ["vcpus", "memory_gib", "gpus"] {
        for amount in ["many", "-1", "inf"] {
            let why = why(&format!("instance,price,{column}"), &format!("a,1,{amount}"));
            assert_eq!(why, format!("`{amount}` is no number of `{column}`"));
        }
    }
    assert_eq!(why("instance,price,currency", "a,1,eur"), "`eur` is no currency: write `EUR`");
    assert_eq!(why("instance,price", "a,1e25"), "`1e25` is no price");
    assert_eq!(
        why("instance,price", "a,1,50"),
        "the row has 3 cells, the head 2: quote a cell with a comma"
    );
    assert_eq!(
        why("InstanceType,vCPUs,Price,Region", "a,two,1,r"),
        "`two` is no number of `vCPUs`"
    );
}

#[test]
fn a_term_reads_in_months_and_years() {
    for (term, months) in
        [("12", 12), ("12m", 12), ("12 months", 12), ("12.0", 12), ("1y", 12), ("3 years", 36)]
    {
        let list = read(&format!("instance,price,purchase,term\na,1,reserved,{term}\n"));
        assert_eq!(list.unread, []);
        assert_eq!(list.listed[0].term_months, Some(months), "{term}");
    }
    let none = read("instance,price,purchase,upfront\na,1,reserved,0.5\n");
    assert_eq!((none.listed[0].term_months, none.listed[0].upfront), (None, 0.5));
}

#[test]
fn a_column_one_letter_away_from_ours_is_asked_for_once() {
    let told =
        unread("instance,price,curency,Unit,weather\na,1,EUR,hour,fair\nb,1,EUR,hour,fair\n");
    let why = ["curency", "Unit"].map(|head| {
        let meant = if head == "Unit" { "unit" } else { "currency" };
        (1, format!("the column `{head}` is not read: is `{meant}` meant?"))
    });
    assert_eq!(told, why);
    // What the table has already is not meant by another.
    assert_eq!(unread("instance,price,as_of,rate\na,1,2026-09-06,1\n"), []);
}

#[test]
fn providers_whose_file_does_not_read_have_no_prices() {
    let list = |head: &str, aws: &str| read(&format!("{{ {head}\n \"aws\": {aws} }}"));
    let whole = r#"{ "instances": [ { "sku": "a", "price": 1 } ] }"#;
    for (head, why) in [
        (r#""currency": "eur","#, "`eur` is no currency: write `EUR`"),
        (r#""currency": "euro","#, "`euro` is no currency"),
        (r#""as_of": "last week","#, "`last week` is no date"),
    ] {
        let list = list(head, whole);
        assert_eq!(list.listed, [], "{head}");
        assert_eq!(list.unread[0].why, format!("{why}; no price of the file is read"));
        assert_eq!(list.unread[0].at.line, 1);
    }
    assert_eq!(list(r#""currency": "EUR","#, whole).listed[0].currency.code(), "EUR");
    for (aws, why) in [
        (r#"{ "instance": [], "x": "instances" }"#, "`aws` has no array `instances`"),
        (r#"{ "instances": [ { "sku": "a", "hourly_us": 1 } ] }"#, "`a` has no `hourly_usd`"),
        (
            r#"{ "instances": [ { "sku": "a", "price": 1, "vcpus": "two" } ] }"#,
            "`two` is no number of `vcpus`",
        ),
    ] {
        let text = format!("{{\n \"aws\": {aws} }}");
        let list = parse(&text, Some(Form::Providers), &Defaults::default()).unwrap();
        assert_eq!((list.listed.len(), &*list.unread[0].why), (0, why));
        assert_eq!(list.unread[0].at.line, 2);
    }
}

#[test]
fn text_that_is_no_price_is_told_of_ec2instances() {
    let of = |linux: &str| {
        read(&format!(
            r#"{{ "instance_type": "a", "vCPU": 2, "pricing": {{ "r": {{ "linux": {linux} }} }} }}"#
        ))
    };
    for (linux, why) in [
        (r#"{ "ondemand": "1,50" }"#, "`1,50` is no price: `ondemand` in `r`"),
        (r#"{ "spot_avg": "free" }"#, "`free` is no price: `spot_avg` in `r`"),
        (
            r#"{ "reserved": { "yrTerm1Standard.noUpfront": "x" } }"#,
            "`x` is no price: `yrTerm1Standard.noUpfront` in `r`",
        ),
    ] {
        let list = of(linux);
        assert_eq!((list.listed.len(), &*list.unread[0].why), (0, why));
    }
    let absent = of(
        r#"{ "ondemand": "1", "spot_avg": "N/A", "reserved": { "yrTerm1Standard.noUpfront": null,
             "yrTerm3Standard.noUpfront": "" } }"#,
    );
    assert_eq!((absent.listed.len(), absent.unread.len()), (1, 0));
}

#[test]
fn a_spot_price_may_be_a_number_and_each_has_its_own_place() {
    let list = read(
        r#"[ { "AvailabilityZone": "us-east-1a", "InstanceType": "a", "SpotPrice": 0.03, "Timestamp": "2026-09-01T10:12:13Z" },
             { "AvailabilityZone": "us-east-1b", "InstanceType": "a", "SpotPrice": "0.04", "Timestamp": "2026-09-01T10:12:13Z" },
             { "AvailabilityZone": "us-east-1c", "InstanceType": "a", "SpotPrice": "low", "Timestamp": "2026-09-01T10:12:13Z" } ]"#,
    );
    let of: Vec<(u32, String)> =
        list.listed.iter().map(|p| (p.at.line, p.per_hour.to_string())).collect();
    assert_eq!(of, [(1, "0.03".to_owned()), (2, "0.04".to_owned())]);
    assert_eq!(list.unread[0].at.line, 3);
}

#[test]
fn an_on_demand_price_of_a_history_is_read_on_the_first_and_the_last_day_of_it() {
    let list = read(
        "Date,InstanceType,Region,AvailabilityZone,OnDemandPrice,SpotPrice\n\
         2024-01-01,a,r,z1,1,\n2025-01-01,a,r,z1,1,\n2026-01-01,a,r,z1,1,\n2026-02-01,a,r,z1,2,\n\
         2024-01-01,a,r,z2,1,\n2026-02-01,a,r,z2,2,\n2026-03-01,a,r,z2,dear,\n",
    );
    let told: Vec<(String, String)> = list
        .listed
        .iter()
        .map(|p| (p.as_of.unwrap().to_string(), p.per_hour.to_string()))
        .collect();
    let expected = [("2024-01-01", "1"), ("2026-01-01", "1"), ("2026-02-01", "2")];
    assert_eq!(told, expected.map(|(day, price)| (day.to_owned(), price.to_owned())));
    assert_eq!(list.unread[0].why, "`dear` is no on-demand price");
}

#[test]
fn lint_finds_what_is_odd() {
    let list = read(
        "instance,region,price,spot,as_of\n\
         a,r1,1.0,1.2,2026-01-01\n\
         a,r2,1.1,,2026-01-01\n\
         a,r3,9.0,,2026-01-01\n\
         b,r1,0,,2026-01-01\n\
         b,r2,-1,,2026-01-01\n\
         c,r1,98.32,,2025-01-01\n\
         c,r1,55.04,,2026-01-01\n\
         d,r1,1,,2026-01-01\n\
         d,r1,2,,2026-01-01\n",
    );
    let found = lint(&list, parse_date("2027-06-01"));
    let of = |kind: fn(&OddKind) -> bool| -> Vec<u32> {
        found.iter().filter(|o| kind(&o.kind)).map(|o| list.listed[o.of].at.line).collect()
    };
    assert_eq!(of(|k| *k == OddKind::NotBelowOnDemand), [2]);
    assert_eq!(of(|k| matches!(k, OddKind::FarFromOthers(_))), [4]);
    assert_eq!(of(|k| *k == OddKind::Zero), [5]);
    assert_eq!(of(|k| *k == OddKind::Negative), [6]);
    assert_eq!(of(|k| matches!(k, OddKind::Jump(change) if (*change + 0.4402).abs() < 1e-4)), [8]);
    assert_eq!(of(|k| *k == OddKind::Conflict), [10]);
    assert_eq!(of(|k| matches!(k, OddKind::Stale(516))), [2]);
}

#[test]
fn the_median_of_an_even_number_of_regions_is_the_mean_of_the_middle_two() {
    let list = read("instance,region,price\na,r1,1\na,r2,1\na,r3,3\na,r4,5\n");
    let found = lint(&list, None);
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((list.listed[one.of].at.line, one.kind), (5, OddKind::FarFromOthers(2.5)));
}

#[test]
fn a_jump_is_between_the_prices_that_count_of_each_day_in_any_order() {
    let rows = ["a,1.0,2026-01-01", "a,1.3,2026-01-01", "a,1.25,2026-02-01", "a,1.2,2026-02-01"];
    for order in [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0]] {
        let rows = order.map(|index| rows[index]).join("\n");
        let list = read(&format!("instance,price,as_of\n{rows}\n"));
        let mut found: Vec<(String, OddKind)> = lint(&list, None)
            .into_iter()
            .map(|odd| (list.listed[odd.of].per_hour.to_string(), odd.kind))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let conflict = |price: &str| (price.to_owned(), OddKind::Conflict);
        assert_eq!(found, [conflict("1.25"), conflict("1.3")]);
    }
}

#[test]
fn only_the_newest_prices_that_still_hold_are_in_use() {
    let list = read(
        "instance,region,price,as_of,valid_until\na,r1,1,2026-01-01,\na,r1,2,2026-09-06,\na,r2,3,2026-09-06,2026-10-31\n\
         a,r1,4,2027-01-01,\n",
    );
    let lines = |day: Option<&str>| -> Vec<u32> {
        let used = in_use(&list.listed, day.and_then(parse_date));
        used.iter().map(|price| price.at.line).collect()
    };
    assert_eq!(lines(Some("2026-10-31")), [3, 4]);
    assert_eq!(lines(Some("2026-11-01")), [3]);
    assert_eq!(lines(Some("2026-02-01")), [2]);
    assert_eq!(lines(None), [4, 5]);
}

#[test]
fn prices_in_another_currency_are_held_against_each_other_last() {
    let old = read("instance,price,currency\na,1,USD\na,2,EUR\nb,3,EUR\nfree,0,USD\n");
    let new = read("instance,price,currency\na,5,EUR\na,1,USD\nb,3,USD\nfree,0,USD\n");
    let changes = compare::compare(&old.listed, &new.listed);
    let shares: Vec<(&str, Option<f64>)> =
        changes.iter().map(|c| (&*c.shown().unwrap().instance, c.share())).collect();
    assert_eq!(shares, [("a", Some(1.5)), ("a", Some(0.0)), ("b", None), ("free", None)]);
    assert!(changes.iter().all(compare::Change::is_of_both));
    let same: Vec<bool> = changes.iter().map(compare::Change::is_same).collect();
    assert_eq!(same, [false, true, false, true]);
    let (old, new) = changes[2].currencies().unwrap();
    assert_eq!((old.code(), new.code()), ("EUR", "USD"));
}

#[test]
fn two_lists_compare_by_what_they_are_of() {
    let old = read("instance,region,price\np5,us,98.32\nold,us,1\n");
    let new = read("provider,instance,region,price\naws,p5,us,55.04\naws,new,us,2\n");
    let changes = compare::compare(&old.listed, &new.listed);
    let shown: Vec<(&str, Option<f64>)> =
        changes.iter().map(|c| (&*c.shown().unwrap().instance, c.share())).collect();
    assert_eq!((shown[0], shown[1]), (("new", None), ("old", None)));
    assert!((shown[2].1.unwrap() + 0.440_195).abs() < 1e-6);
}

#[test]
fn the_day_of_a_list_may_stand_in_its_name() {
    assert_eq!(day_in_name("aws_vms_2024-02-21.csv"), parse_date("2024-02-21"));
    assert_eq!(day_in_name("aws.csv"), None);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may look for its data")]
fn real_lists_read() {
    let folder = std::env::var("CAPPLAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    for (file, form, count) in [
        ("aws_vms_2024-02-21.csv", Form::SkyPilot, 1_000),
        ("gcp_vms_2024-02-19.csv", Form::SkyPilot, 500),
        ("azure_vms_2023-12-08.csv", Form::SkyPilot, 100),
        ("dirty_ondemand_2025-03.csv", Form::Csv, 3_817),
        ("prices_history.csv", Form::Csv, 218),
        ("prices_2026-09-06.json", Form::Providers, 40),
        ("ec2instances_single_instance.json", Form::Ec2Instances, 100),
        // Rows without a spot price of that day are no price.
        ("aws_spot_daily_2022-12_2024-02.csv", Form::SpotHistory, 42_452),
    ] {
        let Ok(text) = std::fs::read_to_string(format!("{folder}/data/prices/{file}")) else {
            return;
        };
        let list = read(&text);
        assert_eq!((list.form, list.unread.len()), (form, 0), "{file}: {:?}", list.unread.first());
        assert!(list.listed.len() >= count, "{file}: {}", list.listed.len());
    }
}
