use super::*;

const SHIPPED: &str = include_str!("../../../../holidays.toml");

pub(crate) fn shipped() -> Calendar {
    let mut calendar = Calendar::new(TimeZone::get("Asia/Makassar").unwrap());
    calendar.add(SHIPPED).unwrap();
    calendar
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn the_bank_works_from_monday_to_friday_but_for_holidays_and_joint_leave() {
    let calendar = shipped();
    for (working, days) in [
        (true, ["2026-03-17", "2026-03-25", "2026-12-23", "2026-12-31"]),
        // Saturday, Sunday, holiday, joint leave.
        (false, ["2026-11-28", "2026-11-29", "2026-12-25", "2026-12-24"]),
        (false, ["2026-03-18", "2026-03-20", "2026-03-23", "2025-08-18"]),
    ] {
        for text in days {
            assert_eq!(calendar.is_working(day(text)), working, "{text}");
        }
    }
}

#[test]
fn the_shipped_years_have_as_many_days_as_the_decrees() {
    // 2024 has two elections more than its decree, 2025 one day of joint leave more than the first one.
    let calendar = shipped();
    let counts = calendar.years.iter().map(|(year, days)| (*year, days.len()));
    assert_eq!(counts.collect::<Vec<_>>(), [(2024, 29), (2025, 28), (2026, 25)]);
}

#[test]
fn days_are_those_of_the_bank() {
    let calendar = shipped();
    let on = |text: &str| calendar.day_of(text.parse().unwrap()).to_string();
    assert_eq!(on("2026-11-27T15:30:00Z"), "2026-11-27", "half past eleven at night in WITA");
    assert_eq!(on("2026-11-27T16:30:00Z"), "2026-11-28");
    assert_eq!(calendar.end_of(day("2026-11-27")).to_string(), "2026-11-27T15:59:59Z");
}

#[test]
fn a_year_of_ones_own_takes_the_place_of_the_shipped_one_and_others_stay() {
    let mut calendar = shipped();
    assert_eq!(calendar.unknown_year(day("2026-12-01"), day("2028-01-10")), Some(2027));
    let own = "[2027]\nsource = \"SKB\"\n[2027.holidays]\n2027-01-01 = \"Tahun Baru\"\n\
               [2026]\nsource = \"ours\"\n[2026.holidays]\n2026-12-28 = \"ours\"\n";
    calendar.add(own).unwrap();
    assert!(calendar.is_working(day("2026-12-24")));
    assert!(!calendar.is_working(day("2026-12-28")));
    assert!(!calendar.is_working(day("2027-01-01")));
    assert!(!calendar.is_working(day("2025-12-25")));
    assert_eq!(calendar.unknown_year(day("2026-12-01"), day("2027-01-10")), None);
    assert_eq!(calendar.unknown_year(day("2026-12-01"), day("2028-01-10")), Some(2028));
}

#[track_caller]
fn check_refused(text: &str, why: &str) {
    let told = shipped().add(text).unwrap_err().to_string();
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_file_that_is_no_list_of_holidays_says_where() {
    check_refused("[next]\nsource = \"SKB\"\n[next.holidays]\n", "[next] is no year");
    check_refused("[2027]\nsource = \" \"\n[2027.holidays]\n", "who decided it");
    check_refused("[2027]\n[2027.holidays]\n", "missing field `source`");
    check_refused("[2027]\nsource = \"SKB\"\n", "missing field `holidays`");
    check_refused(
        "[2027]\nsource = \"SKB\"\nleave = 1\n[2027.holidays]\n",
        "unknown field `leave`",
    );
    let day = |day: &str| format!("[2027]\nsource = \"SKB\"\n[2027.holidays]\n{day} = \"x\"\n");
    check_refused(&day("2026-01-01"), "`2026-01-01` is no day of 2027");
    check_refused(&day("2027-02-30"), "`2027-02-30` is no day of 2027");
    check_refused(&day("christmas"), "`christmas` is no day of 2027");
}
