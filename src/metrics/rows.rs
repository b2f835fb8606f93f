//! One metric with all its series, and a histogram that counts without a lock.
//!
//! The library's own family looks series up behind a lock, and its histogram has a mutex: both stand in
//! the way of an attempt. Here every series is known from the start, and stays in its order.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// The series of one metric.
#[derive(Debug)]
pub struct Rows<M>(Vec<(Vec<(&'static str, String)>, M)>);

impl<M> Default for Rows<M> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<M> Rows<M> {
    /// One more, with these labels.
    pub fn with(mut self, labels: &[(&'static str, &str)], series: M) -> Self {
        self.add(labels, series);
        self
    }

    /// The same.
    pub fn add(&mut self, labels: &[(&'static str, &str)], series: M) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned()));
        self.0.push((labels.collect(), series));
    }
}

impl<M: Clone + Default> Rows<M> {
    /// A new one with these labels, to count with.
    pub fn new_row(&mut self, labels: &[(&'static str, &str)]) -> M {
        let series = M::default();
        self.add(labels, series.clone());
        series
    }
}

impl<M: EncodeMetric + TypedMetric> EncodeMetric for Rows<M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, series) in &self.0 {
            series.encode(encoder.encode_family(labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }
}

/// Upper bounds of the buckets, in milliseconds: from a commit to an attempt that waits a minute.
const BOUNDS_MS: [u32; 14] =
    [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000];

/// How long things took, in buckets. All clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Took(Arc<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    /// One more than there are bounds: what took longer than any.
    counts: [AtomicU64; BOUNDS_MS.len() + 1],
    sum_us: AtomicU64,
}

impl Took {
    /// One more took so long.
    pub fn add(&self, time: Duration) {
        let is_longer = |bound: &u32| Duration::from_millis(u64::from(*bound)) < time;
        let at = BOUNDS_MS.iter().take_while(|bound| is_longer(bound)).count();
        if let Some(count) = self.0.counts.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let time_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0.sum_us.fetch_add(time_us, Ordering::Relaxed);
    }
}

impl TypedMetric for Took {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Took {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = BOUNDS_MS.iter().map(|ms| f64::from(*ms) / 1000.0).chain([f64::INFINITY]);
        let counts = self.0.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_micros(self.0.sum_us.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::prometheus_text::encode;
    use prometheus_client::metrics::gauge::ConstGauge;
    use prometheus_client::registry::Registry;

    use super::*;

    #[test]
    fn what_took_as_long_as_a_bound_says_is_within_it() {
        let took = Took::default();
        for ms in [0, 1, 2, 100, 101, 60_000, 90_000] {
            took.add(Duration::from_millis(ms));
        }
        let mut registry = Registry::default();
        registry.register("took_seconds", "How long", Rows::default().with(&[("what", "a")], took));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE took_seconds histogram",
            "took_seconds_bucket{what=\"a\",le=\"0.001\"} 2",
            "took_seconds_bucket{what=\"a\",le=\"0.002\"} 3",
            "took_seconds_bucket{what=\"a\",le=\"0.1\"} 4",
            "took_seconds_bucket{what=\"a\",le=\"0.25\"} 5",
            "took_seconds_bucket{what=\"a\",le=\"60\"} 6",
            "took_seconds_bucket{what=\"a\",le=\"+Inf\"} 7",
            "took_seconds_sum{what=\"a\"} 150.204",
            "took_seconds_count{what=\"a\"} 7",
        ] {
            assert!(text.lines().any(|has| has == line), "no {line:?} in\n{text}");
        }
    }

    #[test]
    fn series_stand_in_the_order_in_which_they_came_and_need_no_labels() {
        let mut registry = Registry::default();
        let rows = Rows::default().with(&[("at", "z")], ConstGauge::new(2_i64));
        registry.register("some", "Some", rows.with(&[("at", "a\"b")], ConstGauge::new(1)));
        registry.register("one", "One", Rows::default().with(&[], ConstGauge::new(0.5)));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, ["some{at=\"z\"} 2", "some{at=\"a\\\"b\"} 1", "one 0.5"]);
    }
}
