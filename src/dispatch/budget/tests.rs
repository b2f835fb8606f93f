use super::*;

fn per_minute(count: u32) -> Budget {
    let create_per_minute = NonZeroU32::new(count);
    Budget::new(&Limits { create_per_minute, ..Limits::default() })
}

/// Takes whatever there is for ten minutes; gives when each call was taken.
async fn all_taken(budget: &Budget) -> Vec<Instant> {
    let start = Instant::now();
    let mut taken = Vec::new();
    while start.elapsed() < 10 * MINUTE {
        match budget.room(Effect::Create) {
            Ok(room) => {
                for _ in 0..room {
                    assert_eq!(budget.try_take(Effect::Create), Ok(()), "there was room");
                    taken.push(Instant::now());
                }
            }
            Err(next) => tokio::time::sleep_until(next).await,
        }
    }
    taken
}

#[tokio::test(start_paused = true)]
async fn in_no_minute_more_is_taken_than_the_limit_and_little_less() {
    for limit in [1, 2, 9, 100, 500] {
        let budget = per_minute(limit);
        let taken = all_taken(&budget).await;
        let size = usize::try_from(limit).unwrap();
        for (first, beyond) in taken.iter().zip(taken.iter().skip(size)) {
            assert!(*beyond - *first >= MINUTE, "more than {limit} in a minute");
        }
        let least = 10 * size * 9 / 10;
        assert!((least..=10 * size + size / 10 + 1).contains(&taken.len()), "{}", taken.len());
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_budget_holds_a_tenth_as_one_burst_and_no_more() {
    let budget = per_minute(100);
    tokio::time::sleep(60 * MINUTE).await;
    let burst = std::iter::repeat_with(|| budget.try_take(Effect::Create));
    assert_eq!(burst.take_while(Result::is_ok).take(1000).count(), 10);
}

#[tokio::test(start_paused = true)]
async fn classes_do_not_share_and_what_has_no_limit_is_never_used_up() {
    let budget = per_minute(1);
    assert_eq!(budget.try_take(Effect::Create), Ok(()));
    let wait = budget.clone().try_take(Effect::Create).unwrap_err();
    assert!((MINUTE..=MINUTE + Duration::from_millis(1)).contains(&wait), "{wait:?}");
    for class in [Effect::Read, Effect::Change] {
        assert_eq!(budget.room(class), Ok(usize::MAX));
        assert!((0..1000).all(|_| budget.try_take(class).is_ok()));
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_call_gets_it_as_soon_as_there_is_one() {
    let budget = per_minute(1);
    let start = Instant::now();
    for _ in 0..3 {
        budget.take(Effect::Create).await;
    }
    let waited = start.elapsed();
    assert!((2 * MINUTE..2 * MINUTE + Duration::from_millis(5)).contains(&waited), "{waited:?}");
}
