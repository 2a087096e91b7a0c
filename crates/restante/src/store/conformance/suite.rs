/// Expands to one `#[tokio::test]` for each check of the suite, in a module for each subject, and
/// the model test. The expression makes a [`Harness`](crate::conformance::Harness) and is evaluated
/// for each of them; the crate that uses it needs tokio with its features `macros` and
/// `rt-multi-thread`.
///
/// A store whose server may be missing adds `, skipped if` and an expression that says so, aloud.
///
/// There is an example at [`Harness`](crate::conformance::Harness).
#[macro_export]
macro_rules! conformance_tests {
    ($harness:expr) => {
        $crate::conformance_tests! { $harness, skipped if false }
    };
    ($harness:expr, skipped if $is_missing:expr) => {
        $crate::conformance_tests! { @checks ["current_thread"] ($harness, $is_missing)
            send {
                is_in_the_inbox_at_once
                comes_back_as_it_was_said
                tells_users_apart_by_their_bytes
                has_nothing_that_was_not_given
                may_be_as_large_as_the_limits
                reaches_all_of_a_list
                reaches_who_is_named_twice_once
                does_not_merge_equal_messages
                knows_users_by_their_bytes
                can_be_found_by_level_tag_and_text
            }
            inbox {
                is_empty_for_the_unknown
                keeps_nothing_of_who_only_looks
                is_its_users_own
                shows_what_is_unread
                gives_one_item_as_the_list_does
                counts_the_same_everywhere
                is_full_to_the_last_page
                has_cursors_that_stand_still
                takes_any_cursor
                stands_still_while_others_get_messages
                bounds_what_a_filter_looks_at
            }
            read {
                tells_whether_it_changed_anything
                counts_what_it_changed
                can_be_taken_back
                leaves_kept_items_in_their_place
                reads_all_that_the_page_showed
                reads_all_once
                dates_each_item_by_its_own_mark
                keeps_the_time_of_reading_one
                does_not_undo_what_was_kept_since
                covers_what_was_kept_before
                does_not_reach_into_the_future
                cannot_reach_what_is_dismissed
                survives_dismissing_in_receipts
                is_each_users_own
                is_seen_by_every_handle_at_once
            }
            broadcast {
                reaches_everyone
                is_merged_by_position
                is_not_for_who_joined_later
                takes_the_first_time_of_joining
                leaves_who_turns_out_to_have_joined_later
                has_a_state_for_each_user
                is_covered_by_marking_all
                counts_by_its_own_state_on_both_sides_of_the_watermark
                is_seen_by_every_handle_at_once
            }
            expiry {
                takes_unread_items_out_of_the_inbox
                is_not_dated_by_a_late_mark
                leaves_read_times_alone
                spares_what_is_kept
                is_final_before_sweeping
                is_exact
                may_never_come
                has_an_order_of_its_own
            }
            order {
                begins_with_the_time
                tells_broadcasts_from_personal_items
                rises_although_the_clock_jumps
                protects_marks_from_the_clock
                is_one_for_all_handles
            }
            lists {
                are_delivered_in_parts
                begin_past_the_size_of_a_part
                are_resumed_by_another_process
                name_their_users_when_asked
                tell_who_repeats_how_many_wait
                can_be_retracted_midway
                can_expire_midway
                may_be_overtaken
                do_not_mix
                of_many_thousands_arrive_whole
            }
            outbox {
                is_relayed
                is_relayed_in_order
                passes_over_bad_rows
                keeps_bad_rows_for_a_while
                keeps_what_waits
                knows_idempotency_keys
                is_open_to_every_handle
            }
            receipts {
                count_deliveries_and_reads
                of_a_broadcast_count_readers
                belong_to_the_sender
                are_none_of_what_was_not_sent
                are_listed_by_sender
                stay_until_expiry
            }
            retract {
                takes_it_from_everyone
                is_for_the_sender_only
                leaves_marks_right
                leaves_no_state_behind
                is_remembered_for_thirty_days
                does_not_free_its_key
            }
            sweep {
                does_nothing_when_there_is_nothing
                removes_what_expired
                goes_in_bounded_steps
                changes_nothing_that_is_seen
                keeps_marks_while_they_date_something
                leaves_nothing
            }
            forget {
                leaves_nothing_of_the_user
                leaves_receipts_as_they_were
                lets_the_id_come_again
                reaches_what_is_still_to_come
                finds_users_of_the_outbox
                leaves_the_log
                goes_with_retracting_and_expiry
                is_preceded_by_a_whole_export
                does_not_revive_tokens
            }
            follow {
                gives_what_was_sent_in_order
                goes_on_after_a_position
                leaves_out_what_is_gone
                tells_nothing_of_readers
                begins_where_it_is_told
                is_leased_to_one_at_a_time
                keeps_the_progress_of_its_holder
                is_known_by_name
            }
            records {
                keep_the_first_secret
                agree_on_a_secret
                keep_api_keys
                keep_the_end_of_tokens
                let_a_thing_be_used_once
                tell_what_waits
                count_by_day
            }
            limits {
                hold_for_messages
                hold_for_requests
                hold_for_questions
                leave_newlines_and_tabs
            }
            idempotency {
                gives_the_first_result_again
                refuses_another_content
                tells_newcomers_apart
                belongs_to_the_sender
                ends_after_a_day
                is_kept_as_long_as_is_said
                lets_one_of_many_send
                lets_one_of_many_contents_through
            }
            seeds {
                fault_01_another_users_message_by_id
                fault_02_ids_of_the_list_are_not_those_of_detail
                fault_03_a_duplicate_recipient_stops_the_rest
                fault_04_two_texts_of_one_moment_collide
                fault_05_cleanup_crashes_and_ignores_the_inbox
                fault_06_concurrent_sends_leave_duplicates
                fault_07_an_iterator_of_recipients_is_used_up
                fault_08_a_failure_midway_leaves_half
                fault_09_what_arrives_meanwhile_is_purged
                fault_10_marking_read_is_silent
                fault_11_deleting_makes_undeliverable
                fault_12_the_count_is_not_the_inbox
                fault_17_looking_at_an_empty_inbox_writes
                fault_18_a_broadcast_is_copied_to_each_user
            }
        }
        $crate::conformance_tests! { @checks ["multi_thread"] ($harness, $is_missing)
            concurrency {
                loses_and_repeats_nothing
                does_not_deadlock_on_new_users
                shares_the_parts_of_a_list
                shares_the_outbox
                marks_each_item_once
                reads_from_one_snapshot
                leaves_nothing_when_all_is_over
                survives_dropped_callers
            }
            race {
                marks_nothing_that_was_not_shown
            }
        }
        mod model {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn random_operations() {
                if $is_missing {
                    return;
                }
                $crate::conformance::model::random_operations(|| $harness).await;
            }
        }
    };
    (@checks [$flavor:literal] ($harness:expr, $is_missing:expr) $($subject:ident { $($check:ident)* })*) => {$(
        mod $subject {
            use super::*;

            $(
                #[tokio::test(flavor = $flavor)]
                async fn $check() {
                    if $is_missing {
                        return;
                    }
                    $crate::conformance::$subject::$check(&$harness).await;
                }
            )*
        }
    )*};
}

#[cfg(test)]
mod tests {
    /// The list above is written by hand: a check that is not in it would never run.
    #[test]
    fn no_check_is_left_out() {
        let suite = include_str!("suite.rs");
        let list = suite.split("macro_rules!").nth(1).unwrap().split("mod model").next().unwrap();
        let listed: Vec<_> = list.split_whitespace().collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/conformance");
        let mut checks = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let Ok(source) = std::fs::read_to_string(&path) else { continue };
            let subject = path.file_stem().unwrap().to_str().unwrap();
            for line in source.lines() {
                let Some(check) = line.strip_prefix("pub async fn ") else { continue };
                let name = check.split('(').next().unwrap();
                assert!(listed.contains(&name), "{subject}::{name} is not in the list");
                assert!(listed.contains(&subject), "{subject} is not in the list");
                checks += 1;
            }
        }
        assert!(checks > 100);
    }
}
