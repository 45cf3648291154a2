"""Views that the walk for planted words enters and finds empty, each with the test that carries it through."""

from __future__ import annotations

_BY_EMAIL = (
    "tests/identity/test_email_privacy.py"
    "::test_an_address_is_in_its_message_and_on_its_typers_page_and_nowhere_else"
)
ELSEWHERE = {
    **dict.fromkeys(
        ("office.compare", "office.link_same", "office.refuse_as_duplicate"),
        "tests/web/test_compare.py::test_one_action_prepares_a_refusal_that_names_the_other",
    ),
    **dict.fromkeys(("office.correct_day", "office.end_day"), "tests/web/test_staff_days.py"
        "::test_an_outage_is_entered_ended_and_taken_out_by_one_person"),
    **dict.fromkeys(("office.call_off_day", "office.confirm_day"), "tests/web/test_staff_days.py"
        "::test_what_ends_petitions_is_confirmed_by_another_person"),
    **dict.fromkeys(
        ("identity.email_address", "identity.email_code", "identity.email_link",
         "identity.email_prove", "identity.email_send"), _BY_EMAIL,
    ),
    **dict.fromkeys(
        ("logins.staff_code", "logins.use_staff_code"),
        "tests/web/test_staff_people.py"
        "::test_the_first_administrator_types_in_the_code_of_the_command_line",
    ),
    **dict.fromkeys(
        ("office.notice_seen", "office.settle"),
        "tests/web/test_staff_people.py::test_an_urgent_case_takes_one_and_tells_the_others",
    ),
    "office.kept_form": "tests/web/test_staff_sessions.py"
    "::test_what_was_typed_lies_in_the_database_as_nobody_can_read_it",
    "office.settle_task": "tests/web/test_staff_files.py"
    "::test_a_count_below_a_reached_threshold_is_confirmed_by_a_person",
    "office.take_selected": "tests/web/test_staff_queue.py"
    "::test_a_clerk_takes_the_selected_cases_and_finds_them_among_his_own",
    **dict.fromkeys(("office.call_off_removal", "office.confirm_removal"), "tests/services/test_removals.py"
        "::test_two_people_a_term_and_then_the_log_takes_it"),
    **dict.fromkeys(("office.call_off_certificate", "office.confirm_certificate"),
        "tests/web/test_staff_paper.py::test_two_clerks_enter_a_certificate_and_both_are_named"),
    **dict.fromkeys(("office.call_off_correction", "office.confirm_correction"),
        "tests/counting/test_certificates.py"
        "::test_a_late_certificate_takes_two_people_to_correct_the_final_count"),
    **dict.fromkeys(("support.invitation", "support.begin", "support.decline", "sponsoring.revoke"),
        "tests/web/test_sponsors.py"
        "::test_a_link_taken_back_opens_nothing_and_a_declined_one_neither"),
    **dict.fromkeys(("author.choices", "author.files", "author.file", "author.remove_file",
                     "author.remove_text", "office.filed_annex", "public.annex_of_petition"),
        "tests/filing/test_pages.py"
        "::test_everything_that_was_asked_is_shown_again_and_filed"),
    **dict.fromkeys(("public.text_of_petition",), "tests/filing/test_pages.py"
        "::test_the_public_page_marks_the_signed_text_and_serves_what_was_hashed"),
    **dict.fromkeys(("office.change_step",),
        "tests/web/test_staff_proceedings.py"
        "::test_a_hearing_is_previewed_announced_moved_and_mended"),
    **dict.fromkeys(("office.confirm_motion", "office.call_off_motion"),
        "tests/web/test_staff_proceedings.py"
        "::test_one_proposes_a_removal_and_another_carries_it_out"),
    **dict.fromkeys(("office.show_answer", "office.confirm_answer", "office.send_answer_back"),
        "tests/web/test_staff_answers.py"
        "::test_the_second_person_reads_it_in_each_language_and_publishes_it"),
    **dict.fromkeys(("due_dates.staff_calendar", "office.revoke_calendar"),
        "tests/web/test_after_publication.py"
        "::test_a_feed_that_was_taken_back_answers_no_more"),
    **dict.fromkeys(("office.confirm_suspension", "office.resume_signing", "office.show_integrity",
                     "office.suspend_signing"), "tests/web/test_staff_desk_pages.py"
        "::test_signing_is_suspended_confirmed_and_goes_on_at_the_desk"),
    "office.letter_came_back": "tests/web/test_staff_desk_pages.py"
    "::test_the_fate_of_a_letter_stands_on_the_case_and_a_return_is_recorded_once",
    "office.forget_view": "tests/web/test_staff_desk_pages.py"
    "::test_a_list_is_kept_under_a_name_and_opened_again",
    "office.propose_term_end": "tests/web/test_staff_days.py"
    "::test_what_ends_petitions_is_confirmed_by_another_person",
    "office.try_rulebook": "tests/web/test_staff_rulebooks.py"
    "::test_trying_a_rulebook_stores_nothing_at_all",
    **dict.fromkeys(("agreeing.asked_to_agree", "agreeing.begin_agreeing"),
        "tests/last_rules/test_pages.py::test_a_link_that_is_called_off_leads_nowhere"),
    "support.thanks": "tests/web/test_sponsors.py"
    "::test_supporters_by_a_private_link_open_a_petition_at_the_number_of_all",
    **dict.fromkeys(("data.areas_of_petition", "data.map_page"), "tests/sharing/test_area_map.py"
        "::test_every_area_stands_in_the_table_and_the_file_for_programs"),
    **dict.fromkeys(("share.paper_pdf",), "tests/sharing/test_share.py"
        "::test_the_worker_makes_what_is_missing_and_clears_what_is_out_of_sight"),
    **dict.fromkeys(("share.form",), "tests/sharing/test_share.py"
        "::test_a_form_collects_what_the_rules_ask_where_paper_is_accepted"),
    **dict.fromkeys(("api.nothing_here",), "tests/sharing/test_open_data.py"
        "::test_what_the_api_refuses_is_a_problem_document"),
    **dict.fromkeys(("feeds.body_feed",), "tests/sharing/test_feeds.py"
        "::test_a_body_has_a_feed_of_what_it_owes_and_an_unknown_one_has_none"),
    **dict.fromkeys(("uk.single", "uk.count"), "tests/sharing/test_open_data.py"
        "::test_a_petition_in_the_form_of_other_sites_moves_with_its_steps"),
    **dict.fromkeys(("public.own_page", "office.write_content"), "tests/face/test_content.py"
        "::test_a_page_is_written_looked_at_published_and_taken_back"),
    **dict.fromkeys(("following.confirm", "following.confirm_page", "following.stop",
                     "following.stop_page", "following.mine", "following.change"),
        "tests/follow/test_pages.py::test_the_private_page_changes_stops_and_deletes"),
    **dict.fromkeys(("office.show_message", "office.try_message", "office.send_message",
                     "office.call_off_message"), "tests/follow/test_desk.py"
        "::test_a_message_is_written_tried_and_sent_by_another_person"),
    "public.closing_of_petition": "tests/certificate/test_download.py"
    "::test_closing_json_appears_with_the_last_batch_and_not_before",
}  # fmt: skip
"""Views that were entered with planted values and found nothing to act on: the petition of the walk
has no such row. Each names the test that carries it through.
"""
