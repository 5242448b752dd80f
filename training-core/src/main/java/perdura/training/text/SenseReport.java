package perdura.training.text;

import java.util.List;

/** Stub until the branch splits is merged. */
public final class SenseReport {
    private SenseReport() {}

    public static List<String> sentences(ReportSections sections) {
        return sections.sentences();
    }
}
