//! Pages, counts and sends on a Redis Cluster of three masters, all on this machine: what dividing the
//! users costs, not what three machines would give.

use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;

use super::redis::Callers;
use crate::Result;
use crate::bench::Bench;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::in_turn;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let server = RedisServer::start()?;
    let alone = Callers::on(bench, &server.url())?;
    let cluster = RedisCluster::start()?;
    let divided = Callers::on(bench, &cluster.url())?;
    let [page_alone, page, count_alone, count, send_alone, send, three_alone, three] = in_turn(
        bench.rounds(),
        [
            &mut || alone.pages(),
            &mut || divided.pages(),
            &mut || alone.counts(),
            &mut || divided.counts(),
            &mut || alone.sends(),
            &mut || divided.sends(),
            &mut || alone.sends_to_three(),
            &mut || divided.sends_to_three(),
        ],
    )?;
    Ok(vec![
        Row::new("Redis Cluster: page, 64 callers, over one server", PerSecond, page)
            .over(page_alone),
        Row::new("Redis Cluster: count, over one server", PerSecond, count).over(count_alone),
        Row::new("Redis Cluster: durable sends to one", PerSecond, send).over(send_alone),
        Row::new("Redis Cluster: durable sends to three", PerSecond, three).over(three_alone),
    ])
}
