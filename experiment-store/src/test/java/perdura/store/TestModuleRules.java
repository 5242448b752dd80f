package perdura.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "perdura.store", importOptions = DoNotIncludeTests.class)
class TestModuleRules {
    @ArchTest
    static final ArchRule THE_STORE_NEEDS_JDBI_AND_THE_SHARED_WORDS = classes()
            .that()
            .resideInAPackage("perdura.store")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "perdura.store",
                    "perdura.grids.spec",
                    "perdura.migrations",
                    "java..",
                    "javax.sql",
                    "com.zaxxer.hikari..",
                    "org.jdbi..",
                    "org.postgresql..",
                    "org.flywaydb..",
                    "org.slf4j",
                    "org.jspecify.annotations");

    @ArchTest
    static final ArchRule ONLY_THE_RELAY_AND_HTTP_SPEAK_HTTP_AND_JSON = noClasses()
            .that()
            .resideOutsideOfPackages("perdura.store.relay", "perdura.store.http")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net.http..", "com.fasterxml..", "org.mlflow..");

    @ArchTest
    static final ArchRule THE_STORE_DOES_NOT_KNOW_THE_RELAY = noClasses()
            .that()
            .resideInAPackage("perdura.store")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.store.relay");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("perdura.(**)").should().beFreeOfCycles();
}
