//! Regulatory clocks at the command line: shown, extended, stopped; and the holidays that they go by.

use super::command_line::Said;
use super::harness::{Home, OPEN_DOOR, client, post};
use super::{load, stop};

async fn run(home: &Home, arguments: &[&str]) -> Said {
    home.run(arguments).await.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_extend_and_stop_a_clock_beside_a_running_hub_and_without_one() {
    let home = Home::new(OPEN_DOOR);
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let (_, claim) =
        post(&client(), (hub.address, &*key), "claims", &load::claim("ONE")).await.unwrap();
    let number = claim["ticketNumber"].as_str().unwrap();
    let shown = run(&home, &["tickets", "show", number]).await;
    for line in [
        "Due: response ",
        "Due: resolution ",
        "Due: regulatory (written, 10 working days, the last is ",
    ] {
        assert!(shown.out.contains(line), "no {line:?} in {}", shown.out);
    }
    assert!(shown.out.contains(", in "), "{}", shown.out);
    let extend = ["tickets", "extend", number, "--reason", "the branch was asked", "--by", "sari"];
    let extended = run(&home, &extend).await;
    extended.check(0, &[]);
    assert!(extended.out.contains("10 and 10 more working days"), "{}", extended.out);
    run(&home, &extend).await.check(1, &["it was extended at", "once"]);
    run(&home, &["tickets", "extend", number]).await.check(2, &["--reason"]);
    run(&home, &["tickets", "clock", number, "--reason", "x"])
        .await
        .check(2, &["--stop", "--start"]);
    run(&home, &["tickets", "extend", "7", "--reason", "x"]).await.check(1, &["no ticket 7"]);
    stop::terminate(hub).await;
    let stop = ["tickets", "clock", number, "--stop", "--reason", "a receipt is awaited"];
    let stopped = run(&home, &stop).await;
    stopped.check(0, &[]);
    assert!(stopped.out.contains("stopped since ") && stopped.out.contains("working days left"));
    let shown = run(&home, &["tickets", "show", number]).await;
    for line in [
        "regulatory due date extended by sari (the branch was asked)",
        "regulatory clock stopped by ",
    ] {
        assert!(shown.out.contains(line), "no {line:?} in {}", shown.out);
    }
    run(&home, &["tickets", "clock", number, "--start", "--reason", "it came"]).await.check(0, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_which_holidays_are_not_known_and_what_is_wrong_with_a_file_of_them() {
    let home = Home::new("[regulatory]\nholidays = \"more.toml\"\n");
    let check = || run(&home, &["check"]);
    check().await.check(1, &["more.toml", "No such file"]);
    home.write("more.toml", "[2027]\nsource = \"SKB\"\n[2027.holidays]\n2028-01-01 = \"x\"\n");
    check().await.check(1, &["more.toml: `2028-01-01` is no day of 2027"]);
    // Nobody knows when this test runs: it knows all years, or none.
    let year =
        |year| format!("[{year}]\nsource = \"SKB\"\n[{year}.holidays]\n{year}-01-01 = \"x\"\n");
    home.write("more.toml", &(2024..2200).map(year).collect::<String>());
    let good = check().await;
    good.check(0, &[]);
    assert!(!good.says("holidays of"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_of_regulatory_clocks_are_told_with_what_to_write() {
    let over = async |text: &str| run(&Home::new(text), &["check"]).await;
    over("[regulatory]\noral_channels = [\"PHON\"]\n")
        .await
        .check(1, &["regulatory.oral_channels", "did you mean `PHONE`?"]);
    over("[regulatory]\nwritten_days = 0\n")
        .await
        .check(1, &["regulatory.written_days", "1 to 366"]);
    over("[regulatory]\ntimezone = \"Asia/Manado\"\n")
        .await
        .check(1, &["regulatory.timezone", "Asia/Makassar"]);
    let clock = "[regulatory.clocks.bi]\noral_days = 2\nwritten_days = 20\nextension_days = 0\n";
    over(clock).await.check(1, &["regulatory.clocks.bi", "say which complaints it is for"]);
    over(&format!("{clock}media = [\"QRS\"]\n"))
        .await
        .check(1, &["regulatory.clocks.bi.media", "`QRIS`"]);
    over(&format!("{clock}media = [\"QRIS\"]\n")).await.check(0, &[]);
}
