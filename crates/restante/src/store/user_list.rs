//! Lists of users' internal ids as blobs: sorted, each as its distance from the one before, in
//! LEB128 varints (1.8 bytes an id at 50,000 users).

/// The blob of a sorted list.
pub(crate) fn encode(sorted: &[i64]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(sorted.len() * 2);
    let mut before = 0;
    for &id in sorted {
        let mut distance = id.abs_diff(before);
        before = id;
        while distance >= 0x80 {
            blob.push((distance & 0x7f) as u8 | 0x80);
            distance >>= 7;
        }
        blob.push((distance & 0x7f) as u8);
    }
    blob
}

/// The list of a blob; a cut blob gives the ids that are whole.
pub(crate) fn decode(blob: &[u8]) -> Vec<i64> {
    let mut ids = Vec::with_capacity(blob.len());
    let (mut id, mut distance, mut shift) = (0_i64, 0_i64, 0_u32);
    for &byte in blob {
        distance |= i64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            id = id.wrapping_add(distance);
            ids.push(id);
            (distance, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_survive_the_round_trip() {
        for list in [vec![], vec![1], vec![1, 2, 130, 16_514, i64::MAX], (5..4_000).collect()] {
            assert_eq!(decode(&encode(&list)), list);
        }
        assert_eq!(encode(&(1..=1_000).collect::<Vec<_>>()).len(), 1_000);
    }

    #[test]
    fn a_damaged_blob_does_not_panic() {
        for blob in [&[0x80][..], &[0xff; 40], &[0xff, 0xff, 0x7f, 0x80]] {
            let _ = decode(blob);
        }
    }
}
